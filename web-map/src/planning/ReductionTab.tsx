import { Alert, Table, type TableColumnsType } from 'antd';
import { explain } from '../api/explain';
import { useReduction, type ReductionItem, type ReductionUnit } from '../api/planning';
import { decimal, percent } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { dossierPath } from '../state/url';

/** Land that is to be given back, and what that frees. */
export function ReductionTab() {
  const { t } = useText();
  const { data, error, isError, isPending } = useReduction();
  const mu = (it: string | null) => decimal(it, 2) ?? '–';
  const units: TableColumnsType<ReductionUnit> = [
    {
      title: t('planning.unit'),
      dataIndex: 'responsible_unit',
      render: (it: string | null) => it ?? t('planning.no_unit'),
    },
    { title: t('planning.parcel_count'), key: 'count', align: 'right', render: (_, it) => it.parcels },
    { title: t('planning.area_mu'), dataIndex: 'area_mu', align: 'right', render: mu },
    { title: t('planning.quota_mu'), dataIndex: 'quota_mu', align: 'right', render: mu },
    { title: t('planning.protected_mu'), dataIndex: 'protected_mu', align: 'right', render: mu },
  ];
  const items: TableColumnsType<ReductionItem> = [
    { title: t('planning.rank'), dataIndex: 'rank', width: 64, align: 'right' },
    {
      title: t('planning.parcel'),
      dataIndex: 'parcel_code',
      render: (code: string, it) => <a href={toPath(dossierPath(code))}>{it.name ?? code}</a>,
    },
    {
      title: t('planning.unit'),
      dataIndex: 'responsible_unit',
      render: (it: string | null) => it ?? t('planning.no_unit'),
    },
    { title: t('planning.area_mu'), dataIndex: 'area_mu', align: 'right', width: 110, render: mu },
    { title: t('planning.quota_mu'), dataIndex: 'quota_mu', align: 'right', width: 120, render: mu },
    {
      title: t('planning.construction_share'),
      dataIndex: 'construction_share',
      align: 'right',
      width: 140,
      render: (it: string | null) => percent(it) ?? '–',
    },
    { title: t('planning.protected_mu'), dataIndex: 'protected_mu', align: 'right', width: 140, render: mu },
  ];
  if (isError) return <Alert type="error" showIcon title={explain(error, t)} />;
  return (
    <>
      {data && (
        <p className="quiet planning-sum">
          {t('planning.reduction_sum', {
            count: data.total.parcels,
            mu: decimal(data.total.area_mu, 2),
            quota: decimal(data.total.quota_mu, 2),
          })}
        </p>
      )}
      <Table<ReductionUnit>
        size="small"
        className="reduction-units"
        rowKey={(it) => it.responsible_unit ?? ''}
        columns={units}
        dataSource={data?.units ?? []}
        loading={isPending}
        pagination={false}
        locale={{ emptyText: isPending ? ' ' : t('planning.no_reduction') }}
      />
      <Table<ReductionItem>
        size="small"
        rowKey="parcel_code"
        columns={items}
        dataSource={data?.items ?? []}
        loading={isPending}
        pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: isPending ? ' ' : t('planning.no_reduction') }}
      />
    </>
  );
}
