import { Button, Skeleton } from 'antd';
import { SignInFirst } from '../account/AccountPage';
import { useSession } from '../api/hooks';
import type { Session } from '../api/schema';
import { PageHeader } from '../frame/PageHeader';
import { useText } from '../i18n';
import { useKnown } from '../session/known';
import { mayImport, reaches } from '../session/roles';
import { toPath } from '../state/base';
import { ImportScreen } from './ImportScreen';
import { useBatchId } from './route';
import { StartScreen } from './StartScreen';
import './import.css';

export function ImportPage() {
  const { t } = useText();
  // What the page was opened with: a session that ends meanwhile takes nothing off it.
  const session = useKnown((it) => it.session);
  const { isPending } = useSession();
  return (
    <div className="page">
      <PageHeader />
      <main className="settings-page wide import-page">
        {session?.account ? (
          <>{mayImport(session) ? <Screens /> : <Refused session={session} />}</>
        ) : (
          <>{isPending ? <Skeleton active /> : <SignInFirst title={t('import.title')} />}</>
        )}
      </main>
    </div>
  );
}

function Screens() {
  const [batchId, go] = useBatchId();
  return batchId === null ? (
    <StartScreen onOpen={go} />
  ) : (
    <ImportScreen key={batchId} batchId={batchId} onList={() => go(null)} />
  );
}

function Refused({ session }: { session: Session }) {
  const { t } = useText();
  const role = t(`session.role.${session.role}`);
  const why = reaches(session.role, 'steward') ? 'import.refused_units' : 'import.refused';
  return (
    <section className="card page-note">
      <h2>{t('import.title')}</h2>
      <p>{t(why, { role, units: session.responsible_units?.join('、') })}</p>
      <Button href={toPath('/')}>{t('session.to_map')}</Button>
    </section>
  );
}
