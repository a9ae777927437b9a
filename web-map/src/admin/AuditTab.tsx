import { Alert, Button, Select, Table, type TableColumnsType } from 'antd';
import { useAccounts, useAuditEvents, type AuditFilter } from '../api/accounts';
import { explain } from '../api/explain';
import { useLayerTree } from '../api/hooks';
import type { AuditEvent } from '../api/schema';
import { minute } from '../format';
import { useText } from '../i18n';
import { actions } from './actions';
import { EventDetail } from './EventDetail';

type Props = { filter: AuditFilter; onFilter: (filter: AuditFilter) => void };

/** Who did what, newest first. */
export function AuditTab({ filter, onFilter }: Props) {
  const { t, own } = useText();
  const accounts = useAccounts();
  const tree = useLayerTree().data;
  const layerTitles = new Map(tree?.layers.map((it) => [it.id, own(it.title)]));
  const events = useAuditEvents(filter);
  const actionName = (it: string) => t(`admin.action.${it}`, { defaultValue: it });
  const names = [
    ...new Set([...(accounts.data ?? []).map((it) => it.name), ...(filter.account ? [filter.account] : [])]),
  ];
  const columns: TableColumnsType<AuditEvent> = [
    {
      title: t('admin.time'),
      dataIndex: 'happened_at',
      width: 150,
      render: (it: string) => minute(it),
    },
    {
      title: t('account.name'),
      dataIndex: 'account',
      className: 'wrap',
      width: 140,
      render: (it: string) => <Who account={it} />,
    },
    {
      title: t('admin.action_label'),
      dataIndex: 'action',
      width: 132,
      render: (it: string) => <span className={`event ${it}`}>{actionName(it)}</span>,
    },
    {
      title: t('admin.subject'),
      dataIndex: 'subject',
      className: 'wrap',
      width: 170,
      render: (it: string) => layerTitles.get(it) ?? it,
    },
    {
      title: t('admin.change'),
      key: 'change',
      className: 'wrap',
      render: (_, it) => <EventDetail event={it} />,
    },
    {
      title: t('admin.client'),
      dataIndex: 'client',
      className: 'wrap',
      width: 140,
      render: (it: string | null) => it ?? <span className="quiet">–</span>,
    },
  ];
  return (
    <>
      <div className="toolbar">
        <Select<string | null>
          className="toolbar-select"
          aria-label={t('admin.filter_account')}
          showSearch
          value={filter.account}
          onChange={(account) => onFilter({ ...filter, account })}
          options={[
            { value: null, label: t('admin.any_account') },
            ...names.map((it) => ({ value: it, label: it })),
          ]}
        />
        <Select<string | null>
          className="toolbar-select"
          aria-label={t('admin.filter_action')}
          value={filter.action}
          onChange={(action) => onFilter({ ...filter, action })}
          options={[
            { value: null, label: t('admin.any_action') },
            ...actions.map((it) => ({ value: it, label: actionName(it) })),
          ]}
        />
        <span className="spring" />
        <Button onClick={() => void events.refetch()} loading={events.isRefetching}>
          {t('admin.refresh')}
        </Button>
      </div>
      {events.isError && <Alert className="failure" type="error" showIcon title={explain(events.error, t)} />}
      <Table<AuditEvent>
        className="audit"
        size="middle"
        tableLayout="fixed"
        scroll={{ x: 960 }}
        rowKey="event_id"
        columns={columns}
        dataSource={events.data?.pages.flatMap((it) => it.audit_events) ?? []}
        loading={events.isPending}
        pagination={false}
        locale={{ emptyText: events.isPending ? ' ' : t('admin.no_events') }}
      />
      {events.hasNextPage && (
        <div className="older">
          <Button loading={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
            {t('admin.older')}
          </Button>
        </div>
      )}
    </>
  );
}

/** The program's own names for nobody and for whoever sits at the server. */
function Who({ account }: { account: string }) {
  const { t } = useText();
  if (account === 'public') return <span className="quiet">{t('admin.nobody_signed_in')}</span>;
  if (account === 'console') return <span className="quiet">{t('admin.console')}</span>;
  return account;
}
