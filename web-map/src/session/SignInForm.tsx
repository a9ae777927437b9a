import { Button, Divider, Tabs } from 'antd';
import { useState } from 'react';
import { useSession } from '../api/hooks';
import type { Session } from '../api/schema';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { PasswordSignIn } from './PasswordSignIn';
import { TokenSignIn } from './TokenSignIn';

type Props = {
  /** The page of ours that one comes back to from another sign-in service. */
  to: string;
  onDone: (session: Session) => void;
};

/** Every way to sign in that this service has. */
export function SignInForm({ to, onDone }: Props) {
  const { t, own } = useText();
  const ways = useSession().data?.sign_in;
  const [way, setWay] = useState('password');
  return (
    <div className="sign-in-form">
      <Tabs
        activeKey={way}
        onChange={setWay}
        destroyOnHidden
        items={[
          { key: 'password', label: t('session.by_password'), children: <PasswordSignIn onDone={onDone} /> },
          { key: 'token', label: t('session.by_token'), children: <TokenSignIn onDone={onDone} /> },
        ]}
      />
      {ways?.oidc && (
        <>
          <Divider plain>{t('session.or')}</Divider>
          <Button block size="large" href={toPath(`/sign-in/oidc?to=${encodeURIComponent(to)}`)}>
            {t('session.by_oidc', { title: own(ways.oidc.title) })}
          </Button>
        </>
      )}
      <p className="quiet sign-in-help">{t('session.help')}</p>
    </div>
  );
}
