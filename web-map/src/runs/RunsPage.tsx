import { SignedInPage } from '../frame/SignedInPage';
import { useText } from '../i18n';
import { RunList } from './RunList';
import { RunScreen } from './RunScreen';
import { useRunId } from './route';
import './runs.css';

export function RunsPage() {
  const { t } = useText();
  return (
    <SignedInPage title={t('runs.title')} className="wide runs-page">
      {() => <Screens />}
    </SignedInPage>
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
