import { SignedInPage } from '../frame/SignedInPage';
import { useText } from '../i18n';
import { mayImport, reaches } from '../session/roles';
import { ImportScreen } from './ImportScreen';
import { useBatchId } from './route';
import { StartScreen } from './StartScreen';
import './import.css';

export function ImportPage() {
  const { t, list } = useText();
  return (
    <SignedInPage
      title={t('import.title')}
      className="wide import-page"
      refused={(session) => {
        if (mayImport(session)) return null;
        const role = t(`session.role.${session.role}`);
        const why = reaches(session.role, 'steward') ? 'import.refused_units' : 'import.refused';
        return t(why, { role, units: list(session.responsible_units ?? []) });
      }}
    >
      {() => <Screens />}
    </SignedInPage>
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
