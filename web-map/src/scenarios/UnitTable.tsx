import { Segmented, Table } from 'antd';
import { useState } from 'react';
import type { Preview, PreviewGroup } from '../api/schema';
import { decimal } from '../format';
import { useText } from '../i18n';
import { difference } from './figures';
import { Change } from './Totals';

/** Low-efficiency land by unit or class, before and after. */
export function UnitTable({ preview }: { preview: Preview }) {
  const { t } = useText();
  const [by, setBy] = useState<'units' | 'classes'>('units');
  const number = (value: string | number | null, places = 1) => decimal(value ?? '0', places, true);
  const short = new Map(
    preview.targets.filter((it) => it.unit !== null && it.kind === 'mu').map((it) => [it.unit, it.gap]),
  );
  return (
    <section className="card units" aria-label={t('scenarios.by')}>
      <div className="units-head">
        <h3>{t('scenarios.by')}</h3>
        <Segmented
          size="small"
          value={by}
          onChange={setBy}
          options={[
            { value: 'units', label: t('scenarios.by_unit') },
            { value: 'classes', label: t('scenarios.by_class') },
          ]}
        />
      </div>
      <Table<PreviewGroup>
        size="small"
        rowKey={(it) => it.key ?? ''}
        dataSource={preview[by]}
        pagination={preview[by].length > 15 ? { pageSize: 15, size: 'small' } : false}
        columns={[
          {
            title: t(by === 'units' ? 'scenarios.by_unit' : 'scenarios.by_class'),
            render: (_, it) => it.key ?? t('scenarios.none'),
          },
          {
            title: t('scenarios.low_parcels'),
            align: 'right',
            render: (_, it) => number(it.after.low.parcels, 0),
          },
          {
            title: t('scenarios.change'),
            align: 'right',
            render: (_, it) => (
              <Change by={String(it.after.low.parcels - it.before.low.parcels)} places={0} />
            ),
          },
          { title: t('scenarios.low_mu'), align: 'right', render: (_, it) => number(it.after.low.area_mu) },
          {
            title: t('scenarios.change'),
            align: 'right',
            render: (_, it) => (
              <Change by={difference(it.before.low.area_mu ?? '0', it.after.low.area_mu ?? '0')} places={1} />
            ),
          },
          { title: t('scenarios.low_tax'), align: 'right', render: (_, it) => number(it.after.low.tax_wan) },
          {
            title: t('scenarios.unknown_parcels'),
            align: 'right',
            render: (_, it) => number(it.after.unknown.parcels, 0),
          },
          ...(by === 'units' && short.size > 0
            ? [
                {
                  title: t('scenarios.gap'),
                  align: 'right' as const,
                  render: (_: unknown, it: PreviewGroup) => number(short.get(it.key) ?? null),
                },
              ]
            : []),
        ]}
      />
    </section>
  );
}
