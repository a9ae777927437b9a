import { PlusOutlined, SearchOutlined } from '@ant-design/icons';
import { Alert, Button, Input, Select } from 'antd';
import { useState } from 'react';
import { useAccounts } from '../api/accounts';
import { explain } from '../api/explain';
import type { Account, AccountRole, SignInLink } from '../api/schema';
import { count } from '../format';
import { useText } from '../i18n';
import { accountRoles } from '../session/roles';
import { AccountDialog } from './AccountDialog';
import { AccountTable } from './AccountTable';
import { AccountTokens } from './AccountTokens';
import { LinkDialog } from './LinkDialog';
import { lookThrough, unitsOf, type AccountState, type Wanted } from './list';

const states: AccountState[] = ['active', 'disabled', 'locked'];

/** What lies over the list: a form (for nobody yet: a new account), a link, tokens. */
type Over =
  | { kind: 'form'; account: Account | null }
  | { kind: 'link'; account: Account; link: SignInLink }
  | { kind: 'tokens'; account: Account };

type Props = { self: string | null; onEvents: (account: string) => void };

export function AccountsTab({ self, onEvents }: Props) {
  const { t } = useText();
  const accounts = useAccounts();
  const [wanted, setWanted] = useState<Wanted>({ text: '', role: null, state: null });
  const [over, setOver] = useState<Over | null>(null);
  const all = accounts.data ?? [];
  const found = lookThrough(all, wanted, new Date());
  const close = () => setOver(null);
  return (
    <>
      <div className="toolbar">
        <Input
          className="toolbar-search"
          prefix={<SearchOutlined />}
          aria-label={t('admin.search')}
          placeholder={t('admin.search')}
          allowClear
          value={wanted.text}
          onChange={(event) => setWanted({ ...wanted, text: event.target.value })}
        />
        <Select<AccountRole | null>
          className="toolbar-select"
          aria-label={t('account.role')}
          value={wanted.role}
          onChange={(role) => setWanted({ ...wanted, role })}
          options={[
            { value: null, label: t('admin.any_role') },
            ...accountRoles.map((it) => ({ value: it, label: t(`session.role.${it}`) })),
          ]}
        />
        <Select<AccountState | null>
          className="toolbar-select"
          aria-label={t('admin.state')}
          value={wanted.state}
          onChange={(state) => setWanted({ ...wanted, state })}
          options={[
            { value: null, label: t('admin.any_state') },
            ...states.map((it) => ({ value: it, label: t(`admin.state_is.${it}`) })),
          ]}
        />
        <span className="quiet" role="status">
          {accounts.data && t('admin.found', { count: count(found.length) })}
        </span>
        <span className="spring" />
        <Button
          type="primary"
          icon={<PlusOutlined />}
          onClick={() => setOver({ kind: 'form', account: null })}
        >
          {t('admin.new')}
        </Button>
      </div>
      {accounts.isError && (
        <Alert
          className="failure"
          type="error"
          showIcon
          title={explain(accounts.error, t)}
          action={<Button onClick={() => void accounts.refetch()}>{t('error.retry')}</Button>}
        />
      )}
      <AccountTable
        accounts={found}
        loading={accounts.isPending}
        self={self}
        onEdit={(account) => setOver({ kind: 'form', account })}
        onLink={(account, link) => setOver({ kind: 'link', account, link })}
        onTokens={(account) => setOver({ kind: 'tokens', account })}
        onEvents={(account) => onEvents(account.name)}
      />
      <AccountDialog
        open={over?.kind === 'form'}
        account={over?.kind === 'form' ? over.account : null}
        self={self}
        units={unitsOf(all)}
        onClose={close}
        onLink={(account, link) => setOver({ kind: 'link', account, link })}
      />
      {over?.kind === 'link' && <LinkDialog name={over.account.name} link={over.link} onClose={close} />}
      {over?.kind === 'tokens' && <AccountTokens name={over.account.name} onClose={close} />}
    </>
  );
}
