import { Alert, Table, Tabs, type TableColumnsType } from 'antd';
import { explain } from '../api/explain';
import { useRunJob, useRuns } from '../api/runs';
import type { Run } from '../api/schema';
import { minute } from '../format';
import { useText } from '../i18n';
import { isOver } from '../import/phase';
import { useKnown } from '../session/known';
import { mayImport } from '../session/roles';
import { toPath } from '../state/base';
import { runPath } from '../state/url';
import { periodText } from './period';
import { RunJob } from './RunJob';
import { Schemes } from './Schemes';
import { StartRun } from './StartRun';
import { State } from './State';

/** All runs with their state, and the schemes that they score by. */
export function RunList({ onOpen }: { onOpen: (runId: number) => void }) {
  const { t } = useText();
  const session = useKnown((it) => it.session);
  const job = useRunJob().data ?? null;
  // As a batch, a run is of all units.
  const mayStart = session !== null && mayImport(session);
  return (
    <>
      <div className="page-title run-head">
        <h2>{t('runs.title')}</h2>
        {mayStart && <StartRun disabled={job !== null && !isOver(job)} />}
      </div>
      {mayStart && job && <RunJob key={job.job_id} job={job} />}
      <div className="card tabbed">
        <Tabs
          destroyOnHidden
          items={[
            { key: 'runs', label: t('runs.all'), children: <Runs onOpen={onOpen} /> },
            { key: 'schemes', label: t('runs.schemes'), children: <Schemes /> },
          ]}
        />
      </div>
    </>
  );
}

function Runs({ onOpen }: { onOpen: (runId: number) => void }) {
  const { t, own } = useText();
  const runs = useRuns();
  const columns: TableColumnsType<Run> = [
    {
      title: t('runs.run'),
      key: 'run',
      width: 110,
      render: (_, it) => (
        <a
          href={toPath(runPath(it.run_id))}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey) return;
            event.preventDefault();
            onOpen(it.run_id);
          }}
        >
          {t('runs.number', { id: it.run_id })}
        </a>
      ),
    },
    {
      title: t('runs.period'),
      key: 'period',
      width: 130,
      render: (_, it) => periodText(it.period, t),
    },
    {
      title: t('runs.scheme'),
      key: 'scheme',
      render: (_, it) =>
        it.scheme_title ? (
          own(it.scheme_title)
        ) : (
          <span className="quiet">{it.scheme ?? t('runs.no_scheme')}</span>
        ),
    },
    { title: t('runs.ruleset'), dataIndex: 'ruleset' },
    { title: t('runs.state_label'), key: 'state', render: (_, it) => <State run={it} /> },
    { title: t('runs.until'), dataIndex: 'objections_until', width: 120 },
    { title: t('runs.open'), dataIndex: 'open_objections', width: 100, align: 'right' },
    {
      title: t('runs.evaluated'),
      key: 'when',
      render: (_, it) => (
        <>
          {minute(it.finished_at ?? it.started_at)} <span className="quiet">{it.recorded_by}</span>
        </>
      ),
    },
  ];
  return (
    <>
      {runs.isError && <Alert className="failure" type="error" showIcon title={explain(runs.error, t)} />}
      <Table<Run>
        size="middle"
        rowKey="run_id"
        columns={columns}
        dataSource={runs.data ?? []}
        loading={runs.isPending}
        pagination={false}
        scroll={{ x: 960 }}
        locale={{ emptyText: runs.isPending ? ' ' : t('runs.none') }}
      />
    </>
  );
}
