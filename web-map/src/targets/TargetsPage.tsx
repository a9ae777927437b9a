import { Button, Skeleton } from 'antd';
import { SignInFirst } from '../account/AccountPage';
import { useSession } from '../api/hooks';
import { PageHeader } from '../frame/PageHeader';
import { useText } from '../i18n';
import { useKnown } from '../session/known';
import { reaches } from '../session/roles';
import { toPath } from '../state/base';
import { League } from './League';
import './targets.css';

/** How far every unit is from what it has to achieve. */
export function TargetsPage() {
  const { t } = useText();
  const session = useKnown((it) => it.session);
  const { isPending } = useSession();
  return (
    <div className="page">
      <PageHeader />
      <main className="settings-page wide targets-page">
        {!session?.account ? (
          <>{isPending ? <Skeleton active /> : <SignInFirst title={t('targets.title')} />}</>
        ) : reaches(session.role, 'officer') ? (
          <League />
        ) : (
          <section className="card page-note">
            <h2>{t('targets.title')}</h2>
            <p>{t('lists.refused', { role: t(`session.role.${session.role}`) })}</p>
            <Button href={toPath('/')}>{t('session.to_map')}</Button>
          </section>
        )}
      </main>
    </div>
  );
}
