import { PageHeader } from '../frame/PageHeader';
import { SignedInPage } from '../frame/SignedInPage';
import { useText } from '../i18n';
import { useKnown } from '../session/known';
import { isSignedIn, reaches } from '../session/roles';
import { ListScreen } from './ListScreen';
import { Register } from './Register';
import { useWhere } from './route';
import './lists.css';
import './case.css';

/** Redevelopment lists: all of them, or one as a table. */
export function ListsPage() {
  const { t } = useText();
  const session = useKnown((it) => it.session);
  const [where, go] = useWhere();
  // A table takes all of the screen.
  if (isSignedIn(session) && reaches(session.role, 'officer') && where.listId !== null) {
    const { listId, caseCode } = where;
    return (
      <div className="screen lists-page">
        <PageHeader />
        <ListScreen
          key={listId}
          listId={listId}
          caseCode={caseCode}
          session={session}
          onCase={(code) => go({ listId, caseCode: code })}
          onRegister={() => go({ listId: null, caseCode: null })}
        />
      </div>
    );
  }
  return (
    <SignedInPage
      title={t('lists.title')}
      className="wide lists-page"
      refused={({ role }) =>
        reaches(role, 'officer') ? null : t('lists.refused', { role: t(`session.role.${role}`) })
      }
    >
      {(known) => <Register session={known} onOpen={(listId) => go({ listId, caseCode: null })} />}
    </SignedInPage>
  );
}
