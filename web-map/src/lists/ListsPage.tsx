import { Button, Skeleton } from 'antd';
import { SignInFirst } from '../account/AccountPage';
import { useSession } from '../api/hooks';
import { PageHeader } from '../frame/PageHeader';
import { useText } from '../i18n';
import { useKnown } from '../session/known';
import { reaches } from '../session/roles';
import { toPath } from '../state/base';
import { ListScreen } from './ListScreen';
import { Register } from './Register';
import { useWhere } from './route';
import './lists.css';

/** Redevelopment lists: all of them, or one as a table. */
export function ListsPage() {
  const { t } = useText();
  const session = useKnown((it) => it.session);
  const { isPending } = useSession();
  const [where, go] = useWhere();
  if (session?.account && reaches(session.role, 'officer') && where.listId !== null) {
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
    <div className="page">
      <PageHeader />
      <main className="settings-page wide lists-page">
        {!session?.account ? (
          <>{isPending ? <Skeleton active /> : <SignInFirst title={t('lists.title')} />}</>
        ) : reaches(session.role, 'officer') ? (
          <Register session={session} onOpen={(listId) => go({ listId, caseCode: null })} />
        ) : (
          <section className="card page-note">
            <h2>{t('lists.title')}</h2>
            <p>{t('lists.refused', { role: t(`session.role.${session.role}`) })}</p>
            <Button href={toPath('/')}>{t('session.to_map')}</Button>
          </section>
        )}
      </main>
    </div>
  );
}
