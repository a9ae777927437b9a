import { CheckOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button } from 'antd';
import type { Import, Report } from '../api/schema';
import { useAction } from '../api/action';
import { apply } from '../api/imports';
import { count } from '../format';
import { useText } from '../i18n';
import { verdictOf } from './phase';

type Props = {
  it: Import;
  report: Report;
  unsaved: boolean;
  busy: boolean;
  onApplied: () => void;
  /** Null: nothing is known that could be previewed again. */
  onAgain: (() => void) | null;
};

/** The one step that writes. It names what it writes, and what it leaves out. */
export function ApplyBar({ it, report, unsaved, busy, onApplied, onAgain }: Props) {
  const { t } = useText();
  const queries = useQueryClient();
  const verdict = verdictOf(report, unsaved);
  const action = useAction(async () => {
    const job = await apply(it.batch_id);
    queries.setQueryData<Import>(['import', it.batch_id], (old) => old && { ...old, job });
    onApplied();
  });
  const { added, changed, unchanged, removed } = report.rows;
  return (
    <section className="apply-bar" aria-label={t('import.apply_label')}>
      {action.failure && (
        <Alert
          type="error"
          showIcon
          title={t('import.apply_refused')}
          description={action.failure}
          action={onAgain && <Button onClick={onAgain}>{t('import.preview_again')}</Button>}
        />
      )}
      <div className="upload-row">
        <p>
          {verdict.can ? (
            <>
              <b>
                {t('import.apply_rows', {
                  added: count(added),
                  changed: count(changed),
                  unchanged: count(unchanged),
                })}
              </b>
              {removed > 0 && (
                <b className="warned"> {t('import.apply_removed', { rows: count(removed) })}</b>
              )}
              {verdict.rejected > 0 && (
                <span className="left-out">
                  {' '}
                  {t('import.apply_rejected', { rows: count(verdict.rejected) })}
                </span>
              )}
            </>
          ) : (
            <span id="why-not">{t(`import.apply.${verdict.why}`)}</span>
          )}
        </p>
        <span className="spring" />
        <Button
          type="primary"
          size="large"
          icon={<CheckOutlined />}
          disabled={!verdict.can || busy}
          loading={action.busy}
          aria-describedby={verdict.can ? undefined : 'why-not'}
          onClick={action.run}
        >
          {verdict.can && verdict.rejected > 0
            ? t('import.apply_passed', { rows: count(verdict.passed) })
            : t('import.apply_all')}
        </Button>
      </div>
    </section>
  );
}
