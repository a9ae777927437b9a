import {
  ExperimentOutlined,
  EyeOutlined,
  IdcardOutlined,
  ImportOutlined,
  LogoutOutlined,
  TeamOutlined,
  TrophyOutlined,
  UnorderedListOutlined,
  UserOutlined,
} from '@ant-design/icons';
import { App, Button, Dropdown, type MenuProps } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { signOut, viewAs } from '../api/accounts';
import { explain } from '../api/explain';
import { useSession } from '../api/hooks';
import type { AccountRole, Session } from '../api/schema';
import { useOpened } from '../frame/use-opened';
import { useText } from '../i18n';
import { Inbox } from '../notices/Inbox';
import { toPath } from '../state/base';
import { accountPage, adminPage, importPage, listsPage, runsPage, scenariosPage } from '../state/url';
import { useArrive } from './known';
import { isSignedIn, mayImport, reaches, rolesBelow, type SignedIn, unitsMatter } from './roles';

const SignInDialog = lazy(() => import('./SignInDialog').then((it) => ({ default: it.SignInDialog })));

const viewAsKey = 'as:';

export function SessionBadge() {
  const { t } = useText();
  const session = useSession().data;
  const arrive = useArrive();
  const [asking, setAsking] = useState(false);
  const asked = useOpened(asking);

  if (isSignedIn(session)) {
    return (
      <>
        <Inbox session={session} />
        <Badge session={session} />
      </>
    );
  }
  return (
    <>
      <Button type="text" icon={<UserOutlined />} onClick={() => setAsking(true)}>
        {t('session.sign_in')}
      </Button>
      {asked && (
        <Suspense fallback={null}>
          <SignInDialog open={asking} onClose={() => setAsking(false)} onDone={arrive} />
        </Suspense>
      )}
    </>
  );
}

function Badge({ session }: { session: SignedIn }) {
  const { t, list } = useText();
  const { message } = App.useApp();
  const { account, role, own_role, view_as, responsible_units: units } = session;

  /** A fresh page cannot mix what two roles see; the address brings back the view. */
  const anew = async (act: () => Promise<unknown>) => {
    try {
      await act();
      location.reload();
    } catch (error) {
      message.error(explain(error, t));
    }
  };
  const choose = (key: string) => {
    if (key === 'out') void anew(signOut);
    const chosen = [own_role, ...rolesBelow(own_role)].find((it) => key === viewAsKey + it);
    if (chosen) void anew(() => viewAs(chosen === own_role ? null : chosen));
  };
  const where =
    units && unitsMatter(role) ? unitsText(units, (count) => t('session.units', { count })) : null;
  return (
    <Dropdown
      trigger={['click']}
      autoFocus
      menu={{
        items: items(session, (it) => t(it)),
        selectedKeys: [viewAsKey + role],
        onClick: ({ key }) => choose(key),
      }}
    >
      <Button
        type="text"
        icon={view_as === null ? <UserOutlined /> : <EyeOutlined />}
        className="session"
        aria-label={[account, t(`session.role.${role}`), units?.join(' ')].filter(Boolean).join(' · ')}
        title={units && where !== null ? list(units) : undefined}
      >
        <span className="name">{account}</span>
        <span className="role">{t(`session.role.${role}`)}</span>
        {where && <span className="units">{where}</span>}
      </Button>
    </Dropdown>
  );
}

function unitsText(units: string[], many: (count: number) => string): string {
  const [only] = units;
  return units.length === 1 && only ? only : many(units.length);
}

function items(session: Session, t: (key: string) => string): MenuProps['items'] {
  const role = (it: AccountRole) => ({ key: viewAsKey + it, label: t(`session.role.${it}`) });
  const below = rolesBelow(session.own_role);
  return [
    {
      key: 'account',
      icon: <IdcardOutlined />,
      label: <a href={toPath(accountPage)}>{t('account.title')}</a>,
    },
    mayImport(session)
      ? {
          key: 'import',
          icon: <ImportOutlined />,
          label: <a href={toPath(importPage)}>{t('import.title')}</a>,
        }
      : null,
    reaches(session.role, 'officer')
      ? {
          key: 'scenarios',
          icon: <ExperimentOutlined />,
          label: <a href={toPath(scenariosPage)}>{t('scenarios.title')}</a>,
        }
      : null,
    {
      key: 'runs',
      icon: <TrophyOutlined />,
      label: <a href={toPath(runsPage)}>{t('runs.title')}</a>,
    },
    reaches(session.role, 'officer')
      ? {
          key: 'lists',
          icon: <UnorderedListOutlined />,
          label: <a href={toPath(listsPage)}>{t('lists.title')}</a>,
        }
      : null,
    session.role === 'admin'
      ? { key: 'admin', icon: <TeamOutlined />, label: <a href={toPath(adminPage)}>{t('admin.title')}</a> }
      : null,
    {
      key: 'as',
      icon: <EyeOutlined />,
      label: t('session.view_as'),
      children: [
        { ...role(session.own_role), label: `${t(`session.role.${session.own_role}`)}${t('session.own')}` },
        ...below.map(role),
      ],
    },
    { type: 'divider' },
    { key: 'out', icon: <LogoutOutlined />, label: t('session.sign_out') },
  ];
}
