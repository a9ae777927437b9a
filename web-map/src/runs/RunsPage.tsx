import { Skeleton } from 'antd';
import { SignInFirst } from '../account/AccountPage';
import { useSession } from '../api/hooks';
import { PageHeader } from '../frame/PageHeader';
import { useText } from '../i18n';
import { useKnown } from '../session/known';
import { RunList } from './RunList';
import { RunScreen } from './RunScreen';
import { useRunId } from './route';
import './runs.css';

export function RunsPage() {
  const { t } = useText();
  const session = useKnown((it) => it.session);
  const { isPending } = useSession();
  return (
    <div className="page">
      <PageHeader />
      <main className="settings-page wide runs-page">
        {session?.account ? (
          <Screens />
        ) : (
          <>{isPending ? <Skeleton active /> : <SignInFirst title={t('runs.title')} />}</>
        )}
      </main>
    </div>
  );
}

function Screens() {
  const [runId, go] = useRunId();
  return runId === null ? (
    <RunList onOpen={go} />
  ) : (
    <RunScreen key={runId} runId={runId} onList={() => go(null)} />
  );
}
