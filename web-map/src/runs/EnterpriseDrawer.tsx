import { Alert, Drawer, Skeleton, Table, Tag, type TableColumnsType } from 'antd';
import { explain } from '../api/explain';
import { useResult, useSchemes } from '../api/runs';
import type { EnterpriseResult, Evaluation, ScoreItem } from '../api/schema';
import { decimal } from '../format';
import { useText } from '../i18n';
import { Grade } from './Grade';
import { ObjectionForm } from './ObjectionForm';

type Props = { run: Evaluation; uscc: string | null; onClose: () => void };

/** One enterprise against its cohort: its score item by item, and why. */
export function EnterpriseDrawer({ run, uscc, onClose }: Props) {
  const { t } = useText();
  const result = useResult(run.run_id, uscc);
  return (
    <Drawer
      title={result.data ? (result.data.name ?? result.data.uscc) : t('runs.enterprise')}
      open={uscc !== null}
      onClose={onClose}
      size={720}
      destroyOnHidden
    >
      {result.isError && <Alert type="error" showIcon title={explain(result.error, t)} />}
      {result.isPending && uscc !== null && <Skeleton active />}
      {result.data && <Result run={run} it={result.data} />}
    </Drawer>
  );
}

function Result({ run, it }: { run: Evaluation; it: EnterpriseResult }) {
  const { t, own } = useText();
  const cohort = run.cohorts.find((one) => one.id === it.cohort);
  return (
    <div className="result">
      <p className="quiet code">{it.uscc}</p>
      <div className="result-head">
        <div>
          <small>{t('runs.grade')}</small>
          <Grade grade={it.grade} />
        </div>
        <div>
          <small>{t('runs.score')}</small>
          <b>{it.scores ? (decimal(it.score, 2) ?? '–') : '···'}</b>
        </div>
        <div>
          <small>{t('runs.rank')}</small>
          <b>{it.rank === null ? '–' : t('runs.rank_of', { rank: it.rank, all: it.ranked })}</b>
        </div>
        <div>
          <small>{t('runs.cohort')}</small>
          <b>{cohort ? own(cohort.title) : t('runs.unplaced')}</b>
        </div>
      </div>
      {!it.knows && <Alert type="info" showIcon title={t('runs.withheld')} />}
      {it.knows && !it.scores && <Alert type="info" showIcon title={t('runs.relative')} />}
      {it.knows && <Items run={run} it={it} />}
      {(it.evidence ?? []).length > 0 && (
        <section>
          <h3>{t('runs.why')}</h3>
          <ul className="reasons">
            {it.evidence?.map((one) => (
              <li key={`${one.kind}-${one.id}`}>
                <Tag color={one.to_verify ? 'orange' : 'default'}>{t(`runs.kind.${one.kind}`)}</Tag>
                {own(one.reason)}
                {one.points !== null && ` (${one.points})`}
                {one.best !== null && ` → ${one.best}`}
                {one.references.length > 0 && <span className="quiet"> {one.references.join('、')}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {it.policy && (
        <section>
          <h3>{t('runs.policy')}</h3>
          <ul className="reasons">
            {(['price', 'supply', 'energy'] as const).map((name) => {
              const text = it.policy?.[name];
              return text ? (
                <li key={name}>
                  <Tag>{t(`runs.policy_of.${name}`)}</Tag> {own(text)}
                </li>
              ) : null;
            })}
          </ul>
        </section>
      )}
      {(it.inputs?.notes ?? []).length > 0 && (
        <details>
          <summary>{t('runs.notes', { count: it.inputs?.notes.length })}</summary>
          <ul className="reasons">
            {it.inputs?.notes.map((one, nth) => (
              <li key={nth}>{own(one.text)}</li>
            ))}
          </ul>
        </details>
      )}
      {run.may.object && it.knows && <ObjectionForm runId={run.run_id} uscc={it.uscc} />}
    </div>
  );
}

type Line = Pick<ScoreItem, 'measure' | 'value'> & Partial<ScoreItem>;

function Items({ run, it }: { run: Evaluation; it: EnterpriseResult }) {
  const { t, language } = useText();
  const measures = useSchemes().data?.measures ?? [];
  const names = run.cohorts.find((one) => one.id === it.cohort)?.measures ?? [];
  const lines: Line[] =
    it.items && it.items.length > 0
      ? it.items
      : names.map((measure) => ({ measure, value: it.measures?.[measure] ?? null }));
  const columns: TableColumnsType<Line> = [
    {
      title: t('runs.measure'),
      key: 'measure',
      render: (_, line) => measures.find((one) => one.name === line.measure)?.[language] ?? line.measure,
    },
    {
      title: t('runs.value'),
      key: 'value',
      align: 'right',
      render: (_, line) => decimal(line.value, 4, true) ?? <span className="quiet">{t('runs.missing')}</span>,
    },
    {
      title: t('runs.base'),
      key: 'base',
      align: 'right',
      render: (_, line) =>
        line.method === 'min_max'
          ? `${decimal(line.least, 2) ?? '–'} … ${decimal(line.most, 2) ?? '–'}`
          : (decimal(line.base, 4, true) ?? '–'),
    },
    { title: t('runs.weight'), key: 'weight', align: 'right', render: (_, line) => line.weight ?? '–' },
    {
      title: t('runs.score'),
      key: 'score',
      align: 'right',
      render: (_, line) => (
        <>
          {decimal(line.score, 2) ?? '–'}
          {line.imputed && <span className="quiet"> {t('runs.imputed')}</span>}
        </>
      ),
    },
    {
      title: t('runs.in_cohort'),
      key: 'quarter',
      render: (_, line) => <Place it={it} measure={line.measure} />,
    },
  ];
  return (
    <Table<Line> size="small" rowKey="measure" columns={columns} dataSource={lines} pagination={false} />
  );
}

/** Where the figure lies among the cohort's: by quartiles for who may read them, else by its quarter. */
function Place({ it, measure }: { it: EnterpriseResult; measure: string }) {
  const { t } = useText();
  const lies = it.quantiles?.[measure];
  const quarter = it.quarters?.[measure];
  return (
    <>
      {quarter !== undefined && <span>{t(`runs.quarter.${quarter}`)}</span>}
      {lies && (
        <div className="quiet">
          {decimal(lies.lower, 2)} | {decimal(lies.median, 2)} | {decimal(lies.upper, 2)}
        </div>
      )}
      {quarter === undefined && !lies && <span className="quiet">–</span>}
    </>
  );
}
