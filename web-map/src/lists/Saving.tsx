import { explain } from '../api/explain';
import { useText } from '../i18n';
import { useStore } from './store';

/** Whether everything is with the server. */
export function Saving() {
  const { t } = useText();
  const { sheet, isSaving, failure } = useStore();
  const [waiting, torn] = [sheet.dirty.size, sheet.conflicts.length];
  const text = () => {
    if (torn > 0) return t('lists.saving.torn', { count: torn });
    if (isSaving) return t('lists.saving.now');
    if (failure) return t('lists.saving.failed', { count: waiting, why: explain(failure, t) });
    return waiting > 0 ? t('lists.saving.soon', { count: waiting }) : t('lists.saving.done');
  };
  return (
    <span className={torn > 0 || failure ? 'saving wrong' : 'saving'} role="status">
      {text()}
    </span>
  );
}
