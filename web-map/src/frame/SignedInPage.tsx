import { Button, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import { useSession } from '../api/hooks';
import { useText } from '../i18n';
import { useKnown } from '../session/known';
import { isSignedIn, type SignedIn } from '../session/roles';
import { signInPath, toPath } from '../state/base';
import { PageHeader } from './PageHeader';

type Props = {
  title: string;
  /** Of the page's main part; it is narrow without `wide`. */
  className?: string;
  /** Why this session is not let in, in a sentence; null where it is. */
  refused?: (session: SignedIn) => string | null;
  children: (session: SignedIn) => ReactNode;
};

/** A page for people with an account: it asks to sign in first, and says so where a role is not enough. */
export function SignedInPage({ title, className = 'wide', refused, children }: Props) {
  // What the page was opened with: a session that ends meanwhile takes nothing off it.
  const session = useKnown((it) => it.session);
  const { isPending } = useSession();
  return (
    <div className="page">
      <PageHeader />
      <main className={['settings-page', className].filter(Boolean).join(' ')}>
        {isSignedIn(session) ? (
          <LetIn title={title} why={refused?.(session) ?? null}>
            {() => children(session)}
          </LetIn>
        ) : (
          <>{isPending ? <Skeleton active /> : <SignInFirst title={title} />}</>
        )}
      </main>
    </div>
  );
}

function LetIn({ title, why, children }: { title: string; why: string | null; children: () => ReactNode }) {
  const { t } = useText();
  if (why === null) return children();
  return (
    <section className="card page-note">
      <h2>{title}</h2>
      <p>{why}</p>
      <Button href={toPath('/')}>{t('session.to_map')}</Button>
    </section>
  );
}

/** In place of a page for people with an account. */
function SignInFirst({ title }: { title: string }) {
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
