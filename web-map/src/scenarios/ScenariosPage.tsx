import { Button, Skeleton } from 'antd';
import { SignInFirst } from '../account/AccountPage';
import { useSession } from '../api/hooks';
import { PageHeader } from '../frame/PageHeader';
import { useText } from '../i18n';
import { useKnown } from '../session/known';
import { reaches } from '../session/roles';
import { toPath } from '../state/base';
import { Desk } from './Desk';
import './scenarios.css';

export function ScenariosPage() {
  const { t } = useText();
  const session = useKnown((it) => it.session);
  const { isPending } = useSession();
  return (
    <div className="page">
      <PageHeader />
      <main className="settings-page wide scenarios-page">
        {session?.account ? (
          reaches(session.role, 'officer') ? (
            <Desk session={session} />
          ) : (
            <section className="card page-note">
              <h2>{t('scenarios.title')}</h2>
              <p>{t('scenarios.refused', { role: t(`session.role.${session.role}`) })}</p>
              <Button href={toPath('/')}>{t('session.to_map')}</Button>
            </section>
          )
        ) : (
          <>{isPending ? <Skeleton active /> : <SignInFirst title={t('scenarios.title')} />}</>
        )}
      </main>
    </div>
  );
}
