import { Alert, Skeleton, Table } from 'antd';
import { explain } from '../api/explain';
import { useCompared, useWorkflow, type Case, type Compared, type Totals } from '../api/lists';
import { decimal } from '../format';
import { useText } from '../i18n';
import type { Value } from './cells';
import { columns, summed } from './columns';
import { cellText, headingOf } from './show';
import { minus } from './sums';

type Change = Compared['changed'][number];

/** What came in, what is gone, what differs and by how much, each with the figures of its own moment. */
export function Comparison({ listId, from, to }: { listId: number; from: number | null; to: number | null }) {
  const { t, own, language, list } = useText();
  const found = useCompared(listId, from, to);
  const ways = useWorkflow().data?.paths ?? [];
  const say = { t, own, language, ways };
  if (found.isError) return <Alert type="error" showIcon title={explain(found.error, t)} />;
  if (!found.data) return <Skeleton active />;
  const { added, gone, changed, total_from, total_to } = found.data;
  const known = changed.filter((it) => columns.some((one) => one.id === it.member) || it.member === 'held');
  const text = (it: Change, value: unknown) => {
    const column = columns.find((one) => one.id === it.member);
    if (!column) return value === true ? t('lists.held') : '–';
    const path = changed.find((one) => one.case_code === it.case_code && one.member === 'path');
    const row = { nodes: {}, reached: {}, held: false, path: path?.to, [it.member]: value as Value };
    return cellText(row as unknown as Case, column, say) || '–';
  };
  const sums = summed.filter(({ id }) => sumOf(total_from, id) !== sumOf(total_to, id));
  return (
    <div className="stacked comparison">
      <p>
        {t('lists.compared', {
          added: added.length,
          gone: gone.length,
          changed: new Set(known.map((it) => it.case_code)).size,
        })}
      </p>
      <dl className="facts">
        <div>
          <dt>{t('lists.cases')}</dt>
          <dd>
            {total_from.cases} → {total_to.cases}
          </dd>
        </div>
        {sums.map((column) => (
          <div key={column.id}>
            <dt>{headingOf(column, say)}</dt>
            <dd>
              {decimal(sumOf(total_from, column.id), 2)} → {decimal(sumOf(total_to, column.id), 2)}（
              {signed(minus(sumOf(total_to, column.id), sumOf(total_from, column.id)))}）
            </dd>
          </div>
        ))}
      </dl>
      {added.length > 0 && (
        <p>
          <b>{t('lists.came_in')}</b> {list(added)}
        </p>
      )}
      {gone.length > 0 && (
        <p>
          <b>{t('lists.went_out')}</b> {list(gone)}
        </p>
      )}
      <Table<Change>
        size="small"
        rowKey={(it) => `${it.case_code} ${it.member}`}
        dataSource={known}
        pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: t('lists.nothing_changed') }}
        columns={[
          { title: t('lists.column.case_code'), dataIndex: 'case_code', width: 120 },
          {
            title: t('lists.column_label'),
            key: 'member',
            render: (_, it) => {
              const column = columns.find((one) => one.id === it.member);
              return column ? headingOf(column, say) : t('lists.held_label');
            },
          },
          { title: t('lists.before'), key: 'from', render: (_, it) => text(it, it.from) },
          { title: t('lists.after'), key: 'to', render: (_, it) => text(it, it.to) },
        ]}
      />
    </div>
  );
}

const sumOf = (total: Totals, id: keyof Case) => String(total[id as keyof Totals]);
const signed = (it: string) => (it.startsWith('-') ? decimal(it, 2) : `+${decimal(it, 2)}`);
