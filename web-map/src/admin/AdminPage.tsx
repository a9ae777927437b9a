import { Tabs } from 'antd';
import { useState } from 'react';
import { SignedInPage } from '../frame/SignedInPage';
import { useText } from '../i18n';
import { AccountsTab } from './AccountsTab';
import { readAdmin, writeAdmin, type AdminView } from './address';
import { AuditTab } from './AuditTab';

export function AdminPage() {
  const { t } = useText();
  return (
    <SignedInPage
      title={t('admin.title')}
      refused={({ role }) =>
        role === 'admin' ? null : t('admin.refused', { role: t(`session.role.${role}`) })
      }
    >
      {({ account }) => <Screens self={account} />}
    </SignedInPage>
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
