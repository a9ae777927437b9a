import { SignedInPage } from '../frame/SignedInPage';
import { useText } from '../i18n';
import { reaches } from '../session/roles';
import { Desk } from './Desk';
import './scenarios.css';

export function ScenariosPage() {
  const { t } = useText();
  return (
    <SignedInPage
      title={t('scenarios.title')}
      className="wide scenarios-page"
      refused={({ role }) =>
        reaches(role, 'officer') ? null : t('scenarios.refused', { role: t(`session.role.${role}`) })
      }
    >
      {(session) => <Desk session={session} />}
    </SignedInPage>
  );
}
