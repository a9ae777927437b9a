import { Alert, Button, Skeleton, Tabs } from 'antd';
import { useState } from 'react';
import { explain } from '../api/explain';
import { useRun } from '../api/runs';
import type { Evaluation } from '../api/schema';
import { minute } from '../format';
import { useText } from '../i18n';
import { useKnown } from '../session/known';
import { reaches } from '../session/roles';
import { EnterpriseDrawer } from './EnterpriseDrawer';
import { Hits } from './Hits';
import { LifeButtons } from './LifeButtons';
import { ObjectionDesk } from './ObjectionDesk';
import { isYear, periodText } from './period';
import { Ranking } from './Ranking';
import { State } from './State';

/** One run: its life, its ranking, what is said against it. */
export function RunScreen({ runId, onList }: { runId: number; onList: () => void }) {
  const { t } = useText();
  const run = useRun(runId);
  const session = useKnown((it) => it.session);
  const [uscc, setUscc] = useState<string | null>(null);
  if (run.isPending) return <Skeleton active />;
  if (run.isError) {
    return (
      <section className="card page-note">
        <Alert type="error" showIcon title={explain(run.error, t)} />
        <p />
        <Button onClick={onList}>{t('runs.to_list')}</Button>
      </section>
    );
  }
  const it = run.data;
  const tellsHits =
    isYear(it.period) && it.state === 'final' && session !== null && reaches(session.role, 'officer');
  return (
    <>
      <Head run={it} onList={onList} />
      <div className="card tabbed">
        <Tabs
          destroyOnHidden
          defaultActiveKey={
            tellsHits && new URLSearchParams(location.search).get('tab') === 'hits' ? 'hits' : 'ranking'
          }
          items={[
            { key: 'ranking', label: t('runs.ranking'), children: <Ranking run={it} onOpen={setUscc} /> },
            {
              key: 'objections',
              label: t('runs.objections', { count: it.open_objections }),
              children: <ObjectionDesk run={it} onOpen={setUscc} />,
            },
            ...(tellsHits ? [{ key: 'hits', label: t('runs.hits'), children: <Hits run={it} /> }] : []),
          ]}
        />
      </div>
      <EnterpriseDrawer run={it} uscc={uscc} onClose={() => setUscc(null)} />
    </>
  );
}

function Head({ run, onList }: { run: Evaluation; onList: () => void }) {
  const { t, own } = useText();
  return (
    <div className="page-title run-head">
      <div>
        <Button type="link" className="back" onClick={onList}>
          ← {t('runs.to_list')}
        </Button>
        <h2>
          {t('runs.heading', { id: run.run_id, period: periodText(run.period, t) })} <State run={run} />
        </h2>
        <p className="quiet">
          {run.scheme_title ? own(run.scheme_title) : t('runs.no_scheme')} · {t('runs.evaluated')}{' '}
          {minute(run.finished_at ?? run.started_at)} {run.recorded_by}
          {!isYear(run.period) && <> · {t('runs.part_means')}</>}
          {run.objections_until && <> · {t('runs.until_day', { day: run.objections_until })}</>}
          {run.finalised_at && (
            <> · {t('runs.finalised', { at: minute(run.finalised_at), by: run.finalised_by ?? '' })}</>
          )}
        </p>
      </div>
      <LifeButtons run={run} />
    </div>
  );
}
