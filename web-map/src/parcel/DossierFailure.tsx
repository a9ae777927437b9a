import { Alert, Button } from 'antd';
import { Problem } from '../api/client';
import { explain } from '../api/explain';
import { useText } from '../i18n';

type Props = { parcelCode: string; error: Error; onRetry: () => void };

export function DossierFailure({ parcelCode, error, onRetry }: Props) {
  const { t } = useText();
  const unknown = error instanceof Problem && error.status === 404;
  return (
    <Alert
      type={unknown ? 'warning' : 'error'}
      showIcon
      title={unknown ? t('dossier.not_found', { code: parcelCode }) : t('dossier.failed')}
      description={unknown ? t('dossier.not_found_help') : explain(error, t)}
      action={unknown ? null : <Button onClick={onRetry}>{t('error.retry')}</Button>}
    />
  );
}
