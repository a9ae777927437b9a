import { EyeOutlined, InfoCircleOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { viewAs } from '../api/accounts';
import { useAction } from '../api/action';
import type { Session } from '../api/schema';
import { daysUntil } from '../format';
import { useOpened } from '../frame/use-opened';
import { useText } from '../i18n';
import { signInPath, toPath } from '../state/base';
import { accountPage } from '../state/url';
import { useArrive, useKnown, useWatchSession } from './known';

const SignInDialog = lazy(() => import('./SignInDialog').then((it) => ({ default: it.SignInDialog })));

const storageKey = 'mutu-password-later';

/** Days before a password expires from which on one is told. */
const soon = 14;

/** Above every screen: whose eyes one sees with, that the session has ended, that the password wants attention. */
export function Notices() {
  useWatchSession();
  const { session, lost } = useKnown();
  if (lost) return <SignedOut />;
  if (!session) return null;
  if (session.view_as !== null) return <ViewingAs />;
  return location.pathname === toPath(accountPage) ? null : <Password session={session} />;
}

function Password({ session }: { session: Session }) {
  const { t } = useText();
  const [later, setLater] = useState(() => isPutOff(session.account));
  const days = daysUntil(session.password_expires_at, new Date());
  const [text, todo] = session.must_change_password
    ? [t('session.must_change'), t('session.to_password')]
    : session.means === 'link' && days === null && !later
      ? [t('session.link_password'), t('session.set_password')]
      : session.means !== 'token' && days !== null && days <= soon && !later
        ? [t('session.expires_soon', { count: days }), t('session.to_password')]
        : [null, null];
  if (text === null) return null;
  return (
    <Bar kind="quiet" icon={<InfoCircleOutlined />} text={text}>
      <Button size="small" href={toPath(accountPage)}>
        {todo}
      </Button>
      {!session.must_change_password && (
        <Button
          size="small"
          type="text"
          onClick={() => {
            putOff(session.account);
            setLater(true);
          }}
        >
          {t('session.later')}
        </Button>
      )}
    </Bar>
  );
}

function ViewingAs() {
  const { t } = useText();
  const session = useKnown((it) => it.session);
  const back = useAction(async () => {
    await viewAs(null);
    location.reload();
  });
  if (!session) return null;
  const text = t('session.viewing_as', { role: t(`session.role.${session.role}`) });
  return (
    <Bar kind="viewing" icon={<EyeOutlined />} text={back.failure ?? text}>
      <Button size="small" loading={back.busy} onClick={back.run}>
        {t('session.back', { role: t(`session.role.${session.own_role}`) })}
      </Button>
    </Bar>
  );
}

/** A link, so that it can be opened beside this page; followed here, the form comes to the page. */
function SignedOut() {
  const { t } = useText();
  const arrive = useArrive();
  const [asking, setAsking] = useState(false);
  const asked = useOpened(asking);
  return (
    <Bar kind="quiet" icon={<InfoCircleOutlined />} text={t('session.lost')}>
      <a
        href={signInPath(location)}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          setAsking(true);
        }}
      >
        {t('session.sign_in_again')}
      </a>
      {asked && (
        <Suspense fallback={null}>
          <SignInDialog
            open={asking}
            onClose={() => setAsking(false)}
            onDone={(session) => {
              setAsking(false);
              arrive(session);
            }}
          />
        </Suspense>
      )}
    </Bar>
  );
}

type BarProps = { kind: 'viewing' | 'quiet'; icon: ReactNode; text: string; children: ReactNode };

function Bar({ kind, icon, text, children }: BarProps) {
  return (
    <div className={`notice-bar ${kind}`} role="status">
      {icon}
      <span>{text}</span>
      {children}
    </div>
  );
}

/** Whether this browser was told "later" within the day. */
function isPutOff(account: string | null): boolean {
  try {
    const [who, when] = localStorage.getItem(storageKey)?.split('|') ?? [];
    return who === account && Date.now() - Number(when) < 86_400_000;
  } catch {
    return false;
  }
}

function putOff(account: string | null): void {
  try {
    localStorage.setItem(storageKey, `${account}|${Date.now()}`);
  } catch {
    // Private windows may refuse; one is then asked again on the next page.
  }
}
