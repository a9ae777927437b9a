import { Alert } from 'antd';
import { Copied } from '../frame/Copied';
import { useText } from '../i18n';
import { refusedSubject, refusedWhy } from './refused';

/** Why somebody came back from another sign-in service without being signed in. */
export function Refused() {
  const { t } = useText();
  const why = refusedWhy(location.search);
  if (!why) return null;
  const subject = why.asksAdministrator ? refusedSubject(document.cookie) : null;
  return (
    <Alert
      className="failure"
      type="error"
      showIcon
      title={t('session.failed')}
      description={
        <>
          {t(`session.refused.${why.key}`)}
          {subject && <Copied label={t('admin.oidc')} text={subject} />}
        </>
      }
    />
  );
}
