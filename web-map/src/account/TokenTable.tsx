import type { UseQueryResult } from '@tanstack/react-query';
import { Alert, App, Button, Popconfirm, Table, type TableColumnsType } from 'antd';
import { explain } from '../api/explain';
import type { Token } from '../api/schema';
import { day, minute } from '../format';
import { useText } from '../i18n';
import { byUse, stateOf } from './tokens';

type Props = {
  tokens: UseQueryResult<Token[]>;
  /** Null: they can only be looked at. */
  onRevoke: ((token: Token) => Promise<void>) | null;
};

/** Usable tokens first; what ended stays visible, so that a script that fails can be understood. */
export function TokenTable({ tokens, onRevoke }: Props) {
  const { t } = useText();
  const { message } = App.useApp();
  const now = new Date();
  const revoke = async (token: Token) => {
    try {
      await onRevoke?.(token);
      message.success(t('account.revoked', { name: token.name }));
    } catch (error) {
      message.error(explain(error, t));
    }
  };
  const columns: TableColumnsType<Token> = [
    {
      title: t('account.token_name'),
      dataIndex: 'name',
      className: 'wrap',
      render: (it: string) => <b>{it}</b>,
    },
    {
      title: t('account.role'),
      dataIndex: 'role',
      render: (it: string | null) => t(it === null ? 'account.as_account' : `session.role.${it}`),
    },
    { title: t('account.created'), dataIndex: 'created_at', render: (it: string) => day(it) },
    {
      title: t('account.last_used'),
      dataIndex: 'last_used_at',
      render: (it: string | null) => minute(it) ?? <span className="quiet">{t('account.never')}</span>,
    },
    {
      title: t('account.valid_until'),
      key: 'state',
      render: (_, it) => {
        const state = stateOf(it, now);
        if (state === 'usable') return day(it.expires_at) ?? t('account.no_expiry');
        return (
          <span className="ended">
            {t(`account.token_state.${state}`, { date: day(it.revoked_at ?? it.expires_at) })}
          </span>
        );
      },
    },
    {
      key: 'revoke',
      align: 'right',
      render: (_, it) =>
        onRevoke !== null &&
        stateOf(it, now) === 'usable' && (
          <Popconfirm
            title={t('account.revoke_ask', { name: it.name })}
            description={t('account.revoke_means')}
            okText={t('account.revoke')}
            okButtonProps={{ danger: true }}
            placement="topRight"
            onConfirm={() => revoke(it)}
          >
            <Button size="small" type="text" danger aria-label={`${t('account.revoke')} ${it.name}`}>
              {t('account.revoke')}
            </Button>
          </Popconfirm>
        ),
    },
  ];
  return (
    <>
      {tokens.isError && <Alert className="failure" type="error" showIcon title={explain(tokens.error, t)} />}
      <Table<Token>
        size="middle"
        rowKey="token_id"
        columns={columns}
        dataSource={byUse(tokens.data ?? [], now)}
        loading={tokens.isPending}
        pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
        rowClassName={(it) => (stateOf(it, now) === 'usable' ? '' : 'faded')}
        locale={{ emptyText: tokens.isPending ? ' ' : t('account.no_tokens') }}
        scroll={{ x: 'max-content' }}
      />
    </>
  );
}
