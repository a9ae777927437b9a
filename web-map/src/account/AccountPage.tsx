import { Alert } from 'antd';
import type { Session } from '../api/schema';
import { SignedInPage } from '../frame/SignedInPage';
import { useText } from '../i18n';
import { PasswordCard } from './PasswordCard';
import { TokensCard } from './TokensCard';
import { WhoAmI } from './WhoAmI';

export function AccountPage() {
  const { t } = useText();
  return (
    <SignedInPage title={t('account.title')} className="">
      {(session) => (
        <>
          <div className="page-title">
            <h2>{t('account.title')}</h2>
          </div>
          <Cards session={session} account={session.account} />
        </>
      )}
    </SignedInPage>
  );
}

function Cards({ session, account }: { session: Session; account: string }) {
  const { t } = useText();
  const fixed =
    session.view_as !== null
      ? 'account.not_here_viewing'
      : session.means === 'token'
        ? 'account.not_here_token'
        : null;
  return (
    <>
      {fixed && <Alert className="failure" type="info" showIcon title={t(fixed)} />}
      <div className="settings-grid">
        <div className="column">
          <WhoAmI session={session} account={account} />
          {!fixed && <PasswordCard session={session} account={account} />}
        </div>
        <TokensCard session={session} account={account} fixed={fixed !== null} />
      </div>
    </>
  );
}
