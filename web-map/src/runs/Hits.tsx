import { Alert, Button, Segmented, Table, Tag, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { explain } from '../api/explain';
import { useHits, type Hit, type HitChange } from '../api/runs';
import { useRuleSets } from '../api/scenarios';
import type { Evaluation } from '../api/schema';
import { decimal } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { dossierPath } from '../state/url';

/** What a final run changed: parcels newly found low, with the case that it opened, and those that are low no more. */
export function Hits({ run }: { run: Evaluation }) {
  const { t, own } = useText();
  const sets = useRuleSets().data ?? [];
  const [change, setChange] = useState<HitChange>('entered');
  const hits = useHits(run.run_id, change);
  if (hits.isError) return <Alert type="error" showIcon title={explain(hits.error, t)} />;
  const layers = hits.data?.pages[0]?.layers ?? [];
  const rows = hits.data?.pages.flatMap((it) => it.hits) ?? [];
  // The titles are those of the rules as they stand now; one that is gone keeps its id.
  const title = (hit: Hit, rule: string) => {
    const used = layers.find((it) => it.layer === hit.layer)?.ruleset;
    const found = sets
      .filter((it) => it.layer === hit.layer && it.id === used)
      .flatMap((it) => it.rules)
      .find((it) => it.id === rule);
    return found ? own(found.title) : rule;
  };
  const columns: TableColumnsType<Hit> = [
    {
      title: t('runs.parcel'),
      key: 'parcel',
      render: (_, it) => (
        <>
          <a href={toPath(dossierPath(it.parcel_code))}>{it.parcel_code}</a>
          <div className="quiet">{it.name}</div>
        </>
      ),
    },
    { title: t('runs.unit'), dataIndex: 'responsible_unit', width: 150 },
    {
      title: t('runs.area_mu'),
      dataIndex: 'area_mu',
      width: 110,
      align: 'right',
      render: (it: string | null) => decimal(it, 2) ?? '–',
    },
    {
      title: t('runs.reasons'),
      key: 'reasons',
      render: (_, it) => it.reasons.map((rule) => title(it, rule)).join('；'),
    },
    {
      title: t('runs.case'),
      key: 'case',
      width: 200,
      render: (_, it) =>
        it.case ? (
          <>
            {it.case.case_code} {it.opened && <Tag color="blue">{t('runs.opened')}</Tag>}
          </>
        ) : (
          <span className="quiet">–</span>
        ),
    },
  ];
  return (
    <>
      {layers.map((it) => (
        <p key={it.layer}>
          {it.against === null
            ? t('runs.hits_first', { entered: it.entered, opened: it.opened })
            : t('runs.hits_sum', {
                against: it.against,
                year: it.against_year,
                entered: it.entered,
                gone: it.gone,
                opened: it.opened,
              })}
        </p>
      ))}
      <div className="toolbar">
        <Segmented<HitChange>
          aria-label={t('runs.hits')}
          value={change}
          onChange={setChange}
          options={(['entered', 'gone'] as const).map((value) => ({ value, label: t(`runs.hit.${value}`) }))}
        />
      </div>
      <Table<Hit>
        size="middle"
        rowKey="hit_id"
        columns={columns}
        dataSource={rows}
        loading={hits.isPending}
        pagination={false}
        locale={{ emptyText: hits.isPending ? ' ' : t('runs.no_hits') }}
      />
      {hits.hasNextPage && (
        <Button loading={hits.isFetchingNextPage} onClick={() => void hits.fetchNextPage()}>
          {t('runs.more_hits')}
        </Button>
      )}
    </>
  );
}
