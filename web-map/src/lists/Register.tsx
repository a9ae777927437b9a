import { Alert, Button, Table, Tag, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { explain } from '../api/explain';
import { useLists, type List } from '../api/lists';
import type { Session } from '../api/schema';
import { day, decimal } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { listPath, targetsPage } from '../state/url';
import { NewListDialog } from './NewListDialog';
import { TargetBar } from './TargetBar';

export const stateColour: Record<string, string> = { draft: 'default', submitted: 'blue', closed: 'green' };

/** All lists, the newest first, each against its target. */
export function Register({ session, onOpen }: { session: Session; onOpen: (listId: number) => void }) {
  const { t } = useText();
  const lists = useLists();
  const [isMaking, setMaking] = useState(false);
  const columns: TableColumnsType<List> = [
    {
      title: t('lists.name'),
      key: 'name',
      render: (_, it) => (
        <a
          href={toPath(listPath(it.list_id))}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey) return;
            event.preventDefault();
            onOpen(it.list_id);
          }}
        >
          {it.name}
        </a>
      ),
    },
    { title: t('lists.kind_label'), key: 'kind', width: 90, render: (_, it) => t(`lists.kind.${it.kind}`) },
    { title: t('lists.year'), dataIndex: 'year', width: 70 },
    {
      title: t('lists.unit'),
      key: 'unit',
      width: 110,
      render: (_, it) => it.responsible_unit ?? <span className="quiet">{t('lists.district')}</span>,
    },
    {
      title: t('lists.state_label'),
      key: 'state',
      width: 90,
      render: (_, it) => <Tag color={stateColour[it.state]}>{t(`lists.list_state.${it.state}`)}</Tag>,
    },
    {
      title: t('lists.cases'),
      dataIndex: 'case_count',
      width: 70,
      align: 'right',
      render: (it: number) => decimal(it, 0),
    },
    {
      title: t('lists.mu'),
      key: 'mu',
      width: 110,
      align: 'right',
      render: (_, it) => decimal(it.area_mu, 2),
    },
    {
      title: t('lists.counted'),
      key: 'counted',
      width: 110,
      align: 'right',
      render: (_, it) => decimal(it.counted_mu, 2),
    },
    { title: t('lists.target'), key: 'target', width: 240, render: (_, it) => <TargetBar list={it} /> },
    {
      title: t('lists.changed'),
      key: 'changed',
      width: 170,
      render: (_, it) => (
        <>
          {day(it.changed_at ?? it.created_at)}{' '}
          <span className="quiet">{it.changed_by ?? it.created_by}</span>
        </>
      ),
    },
  ];
  return (
    <>
      <div className="page-title lists-title">
        <div>
          <h2>{t('lists.title')}</h2>
          <p className="quiet">{t('lists.lead')}</p>
        </div>
        <span className="spring" />
        <Button href={toPath(targetsPage)}>{t('lists.to_targets')}</Button>
        <Button type="primary" onClick={() => setMaking(true)}>
          {t('lists.make')}
        </Button>
      </div>
      <div className="card">
        {lists.isError && <Alert className="failure" type="error" showIcon title={explain(lists.error, t)} />}
        <Table<List>
          size="middle"
          rowKey="list_id"
          columns={columns}
          dataSource={lists.data?.pages.flatMap((it) => it.lists) ?? []}
          loading={lists.isPending}
          pagination={false}
          scroll={{ x: 1100 }}
          locale={{ emptyText: lists.isPending ? ' ' : t('lists.none') }}
        />
        {lists.hasNextPage && (
          <div className="older">
            <Button onClick={() => void lists.fetchNextPage()} loading={lists.isFetchingNextPage}>
              {t('lists.older')}
            </Button>
          </div>
        )}
      </div>
      {isMaking && (
        <NewListDialog session={session} first={{}} onClose={() => setMaking(false)} onOpen={onOpen} />
      )}
    </>
  );
}
