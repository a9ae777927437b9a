import { Alert, Button, Input, Segmented, Select, Table, Tag, type TableColumnsType } from 'antd';
import { useDeferredValue, useState } from 'react';
import { explain } from '../api/explain';
import { useRanking, useSchemes } from '../api/runs';
import type { Evaluation, Ranked } from '../api/schema';
import { count, decimal } from '../format';
import { useText } from '../i18n';
import { Grade } from './Grade';

type Props = { run: Evaluation; onOpen: (uscc: string) => void };

/** Enterprises of one cohort by rank, page by page. */
export function Ranking({ run, onOpen }: Props) {
  const { t, own, language } = useText();
  const [cohort, setCohort] = useState<string | null>(run.cohorts[0]?.id ?? null);
  const [grade, setGrade] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const ranking = useRanking(run.run_id, { cohort, grade, q: useDeferredValue(typed) });
  const measures = useSchemes().data?.measures ?? [];
  const rows = ranking.data?.pages.flatMap((it) => it.enterprises) ?? [];
  const chosen = run.cohorts.find((it) => it.id === cohort);
  const scored = chosen?.measures ?? [];
  const title = (name: string) => {
    const found = measures.find((it) => it.name === name);
    return found ? found[language] : name;
  };
  if (run.scheme === null) return <Alert type="info" showIcon title={t('runs.no_scheme_long')} />;

  const missing = <span className="quiet">–</span>;
  const withheld = (
    <span className="quiet" title={t('runs.withheld')}>
      ···
    </span>
  );
  const columns: TableColumnsType<Ranked> = [
    {
      title: t('runs.rank'),
      key: 'rank',
      width: 72,
      align: 'right',
      render: (_, it) => (it.knows ? (count(it.rank) ?? missing) : withheld),
    },
    {
      title: t('runs.enterprise'),
      key: 'name',
      width: 250,
      className: 'wrap',
      render: (_, it) => (
        <>
          <Button type="link" className="enterprise" onClick={() => onOpen(it.uscc)}>
            {it.name ?? it.uscc}
          </Button>
          <div className="quiet code">{it.uscc}</div>
        </>
      ),
    },
    { title: t('runs.grade'), key: 'grade', width: 76, render: (_, it) => <Grade grade={it.grade} /> },
    {
      title: t('runs.score'),
      key: 'score',
      width: 96,
      align: 'right',
      render: (_, it) => (it.scores ? (decimal(it.score, 2) ?? missing) : withheld),
    },
    ...scored.map((name) => ({
      title: title(name),
      key: name,
      width: 116,
      align: 'right' as const,
      render: (_: unknown, it: Ranked) =>
        it.measures ? (decimal(it.measures[name], 2) ?? missing) : withheld,
    })),
  ];
  return (
    <>
      <div className="toolbar">
        {run.cohorts.length > 1 && (
          <Segmented
            aria-label={t('runs.cohort')}
            value={cohort ?? ''}
            onChange={setCohort}
            options={run.cohorts.map((it) => ({
              value: it.id,
              label: t('runs.cohort_count', { title: own(it.title), count: it.enterprises }),
            }))}
          />
        )}
        <Select<string | null>
          className="toolbar-select"
          aria-label={t('runs.grade')}
          value={grade}
          onChange={setGrade}
          options={[
            { value: null, label: t('runs.any_grade') },
            ...Object.keys(chosen?.grades ?? {}).map((it) => ({
              value: it,
              label: it === '' ? t('runs.ungraded') : it,
            })),
          ]}
        />
        <Input.Search
          className="toolbar-select"
          aria-label={t('runs.find')}
          placeholder={t('runs.find')}
          allowClear
          value={typed}
          onChange={(it) => setTyped(it.target.value)}
        />
        <span className="spring" />
        <span className="grades">
          {Object.entries(chosen?.grades ?? {}).map(([name, n]) => (
            <Tag key={name}>
              {name === '' ? t('runs.ungraded') : name} {n}
            </Tag>
          ))}
        </span>
      </div>
      {ranking.isError && (
        <Alert className="failure" type="error" showIcon title={explain(ranking.error, t)} />
      )}
      <Table<Ranked>
        size="small"
        className="ranking"
        rowKey="uscc"
        tableLayout="fixed"
        scroll={{ x: 500 + scored.length * 116 }}
        columns={columns}
        dataSource={rows}
        loading={ranking.isPending}
        pagination={false}
        locale={{ emptyText: ranking.isPending ? ' ' : t('runs.nobody') }}
      />
      {ranking.hasNextPage && (
        <div className="older">
          <Button loading={ranking.isFetchingNextPage} onClick={() => void ranking.fetchNextPage()}>
            {t('runs.more', { shown: rows.length, all: ranking.data?.pages[0]?.matched ?? 0 })}
          </Button>
        </div>
      )}
    </>
  );
}
