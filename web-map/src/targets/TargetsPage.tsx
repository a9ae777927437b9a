import { SignedInPage } from '../frame/SignedInPage';
import { useText } from '../i18n';
import { reaches } from '../session/roles';
import { League } from './League';
import './targets.css';

/** How far every unit is from what it has to achieve. */
export function TargetsPage() {
  const { t } = useText();
  return (
    <SignedInPage
      title={t('targets.title')}
      className="wide targets-page"
      refused={({ role }) =>
        reaches(role, 'officer') ? null : t('lists.refused', { role: t(`session.role.${role}`) })
      }
    >
      {() => <League />}
    </SignedInPage>
  );
}
