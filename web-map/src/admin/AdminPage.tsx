import { Button, Skeleton, Tabs } from 'antd';
import { useState } from 'react';
import { SignInFirst } from '../account/AccountPage';
import { useSession } from '../api/hooks';
import { PageHeader } from '../frame/PageHeader';
import { useText } from '../i18n';
import { useKnown } from '../session/known';
import { toPath } from '../state/base';
import { AccountsTab } from './AccountsTab';
import { readAdmin, writeAdmin, type AdminView } from './address';
import { AuditTab } from './AuditTab';

export function AdminPage() {
  const { t } = useText();
  const session = useKnown((it) => it.session);
  const { isPending } = useSession();
  return (
    <div className="page">
      <PageHeader />
      <main className="settings-page wide">
        {session?.role === 'admin' ? (
          <Screens self={session.account} />
        ) : session?.account ? (
          <section className="card page-note">
            <h2>{t('admin.title')}</h2>
            <p>{t('admin.refused', { role: t(`session.role.${session.role}`) })}</p>
            <Button href={toPath('/')}>{t('session.to_map')}</Button>
          </section>
        ) : (
          <>{isPending ? <Skeleton active /> : <SignInFirst title={t('admin.title')} />}</>
        )}
      </main>
    </div>
  );
}

function Screens({ self }: { self: string | null }) {
  const { t } = useText();
  const [view, setView] = useState<AdminView>(() => readAdmin(location.search));
  const show = (next: AdminView) => {
    setView(next);
    history.replaceState(null, '', `${location.pathname}${writeAdmin(next)}`);
  };
  return (
    <>
      <div className="page-title">
        <h2>{t('admin.title')}</h2>
      </div>
      <div className="card tabbed">
        <Tabs
          activeKey={view.tab}
          onChange={(tab) => show({ ...view, tab: tab === 'audit' ? 'audit' : 'accounts' })}
          destroyOnHidden
          items={[
            {
              key: 'accounts',
              label: t('admin.accounts'),
              children: (
                <AccountsTab
                  self={self}
                  onEvents={(account) => show({ tab: 'audit', filter: { account, action: null } })}
                />
              ),
            },
            {
              key: 'audit',
              label: t('admin.audit'),
              children: <AuditTab filter={view.filter} onFilter={(filter) => show({ ...view, filter })} />,
            },
          ]}
        />
      </div>
    </>
  );
}
