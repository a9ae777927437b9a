import { MoreOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Dropdown, Table, Tag, type TableColumnsType } from 'antd';
import { changeAccount, createLink, type AccountChange } from '../api/accounts';
import { explain } from '../api/explain';
import type { Account, SignInLink } from '../api/schema';
import { minute } from '../format';
import { useText } from '../i18n';
import { unitsMatter } from '../session/roles';
import { stateOf } from './list';

type Props = {
  accounts: Account[];
  loading: boolean;
  /** Nobody shuts themselves out by a slip. */
  self: string | null;
  onEdit: (account: Account) => void;
  onLink: (account: Account, link: SignInLink) => void;
  onTokens: (account: Account) => void;
  onEvents: (account: Account) => void;
};

export function AccountTable({ accounts, loading, self, onEdit, onLink, onTokens, onEvents }: Props) {
  const { t } = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const now = new Date();

  const act = async (what: () => Promise<unknown>) => {
    try {
      await what();
    } catch (error) {
      message.error(explain(error, t), 8);
    }
  };
  const change = async (account: Account, to: AccountChange) => {
    await changeAccount(account.name, to);
    message.success(t('admin.saved', { name: account.name }));
    await queries.invalidateQueries({ queryKey: ['accounts'] });
  };
  const choose = (key: string, it: Account) => {
    if (key === 'link') void act(async () => onLink(it, await createLink(it.name)));
    if (key === 'tokens') onTokens(it);
    if (key === 'events') onEvents(it);
    if (key === 'unlock') void act(() => change(it, { unlock: true }));
    if (key === 'toggle') void act(() => change(it, { disabled: !it.disabled }));
  };
  const columns: TableColumnsType<Account> = [
    {
      title: t('account.name'),
      key: 'name',
      className: 'wrap',
      render: (_, it) => (
        <>
          <b>{it.name}</b>
          {it.name === self && <span className="quiet"> {t('admin.you')}</span>}
          {it.title && <div className="quiet">{it.title}</div>}
        </>
      ),
    },
    { title: t('account.role'), dataIndex: 'role', render: (it: string) => t(`session.role.${it}`) },
    { title: t('account.units'), key: 'units', className: 'wrap', render: (_, it) => <Units account={it} /> },
    { title: t('admin.state'), key: 'state', render: (_, it) => <State account={it} now={now} /> },
    {
      title: t('admin.last_sign_in'),
      dataIndex: 'last_sign_in_at',
      render: (it: string | null) => minute(it) ?? <span className="quiet">{t('admin.never')}</span>,
    },
    {
      key: 'actions',
      align: 'right',
      render: (_, it) => (
        <div className="row-actions">
          <Button
            size="small"
            type="text"
            aria-label={`${t('admin.edit')} ${it.name}`}
            onClick={() => onEdit(it)}
          >
            {t('admin.edit')}
          </Button>
          <Dropdown
            trigger={['click']}
            autoFocus
            placement="bottomRight"
            menu={{
              items: [
                { key: 'link', label: t('admin.link'), disabled: it.disabled },
                { key: 'tokens', label: t('admin.tokens') },
                { key: 'events', label: t('admin.events') },
                stateOf(it, now) === 'locked' ? { key: 'unlock', label: t('admin.unlock') } : null,
                { type: 'divider' },
                {
                  key: 'toggle',
                  label: t(it.disabled ? 'admin.enable' : 'admin.disable'),
                  danger: !it.disabled,
                  disabled: it.name === self,
                },
              ],
              onClick: ({ key }) => choose(key, it),
            }}
          >
            <Button
              size="small"
              type="text"
              icon={<MoreOutlined />}
              title={t('admin.more')}
              aria-label={`${t('admin.more')} ${it.name}`}
            />
          </Dropdown>
        </div>
      ),
    },
  ];
  return (
    <Table<Account>
      size="middle"
      rowKey="name"
      columns={columns}
      dataSource={accounts}
      loading={loading}
      rowClassName={(it) => (it.disabled ? 'faded' : '')}
      pagination={{ pageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
      locale={{ emptyText: loading ? ' ' : t('admin.nobody') }}
    />
  );
}

function Units({ account }: { account: Account }) {
  const { t } = useText();
  const units = account.responsible_units;
  if (!unitsMatter(account.role) || units === null)
    return <span className="quiet">{t('account.everywhere')}</span>;
  if (units.length === 0) return <span className="quiet">{t('admin.no_units')}</span>;
  return (
    <div className="units">
      {units.map((it) => (
        <Tag key={it} variant="filled">
          {it}
        </Tag>
      ))}
    </div>
  );
}

function State({ account, now }: { account: Account; now: Date }) {
  const { t } = useText();
  const state = stateOf(account, now);
  if (state === 'locked') {
    return (
      <span className="state locked">
        {t('admin.locked_until', { time: minute(account.locked_until)?.slice(11) })}
      </span>
    );
  }
  const unset = state === 'active' && account.password_set_at === null && account.oidc_subject === null;
  return (
    <span className={`state ${unset ? 'unset' : state}`}>
      {t(unset ? 'admin.no_password' : `admin.state_is.${state}`)}
    </span>
  );
}
