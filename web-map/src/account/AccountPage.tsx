import { Alert, Button, Skeleton } from 'antd';
import { useSession } from '../api/hooks';
import type { Session } from '../api/schema';
import { PageHeader } from '../frame/PageHeader';
import { useText } from '../i18n';
import { useKnown } from '../session/known';
import { signInPath } from '../state/base';
import { PasswordCard } from './PasswordCard';
import { TokensCard } from './TokensCard';
import { WhoAmI } from './WhoAmI';

export function AccountPage() {
  const { t } = useText();
  // What the page was opened with: a session that ends meanwhile takes nothing off it.
  const session = useKnown((it) => it.session);
  const { isPending } = useSession();
  return (
    <div className="page">
      <PageHeader />
      <main className="settings-page">
        {session?.account ? (
          <>
            <div className="page-title">
              <h2>{t('account.title')}</h2>
            </div>
            <Cards session={session} account={session.account} />
          </>
        ) : (
          <>{isPending ? <Skeleton active /> : <SignInFirst title={t('account.title')} />}</>
        )}
      </main>
    </div>
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

/** In place of a page for people with an account. */
export function SignInFirst({ title }: { title: string }) {
  const { t } = useText();
  return (
    <section className="card page-note">
      <h2>{title}</h2>
      <p>{t('session.first')}</p>
      <Button type="primary" href={signInPath(location)}>
        {t('session.sign_in')}
      </Button>
    </section>
  );
}
