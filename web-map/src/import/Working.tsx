import { Alert, Button, Progress } from 'antd';
import { useAction } from '../api/action';
import type { Job } from '../api/schema';
import { explain } from '../api/explain';
import { cancelJob } from '../api/imports';
import { count } from '../format';
import { useText } from '../i18n';
import type { Trouble } from './job';
import { percentOf } from './phase';

type Props = {
  job: Job;
  trouble: Trouble;
  /** Null: nothing is known that could be tried again. */
  onAgain: (() => void) | null;
  onCancelled: () => void;
};

/** A job that goes on, whether or not anybody looks. */
export function Working({ job, trouble, onAgain, onCancelled }: Props) {
  const { t } = useText();
  const cancel = useAction(async () => {
    await cancelJob(job.job_id);
    onCancelled();
  });
  if (trouble?.lost) {
    return (
      <Alert
        className="failure"
        type="error"
        showIcon
        title={t('import.job_lost')}
        description={t('import.job_lost_help')}
        action={onAgain && <Button onClick={onAgain}>{t('import.preview_again')}</Button>}
      />
    );
  }
  const stage = job.cancel_requested
    ? t('import.cancelling')
    : t(`import.stage.${job.state === 'queued' ? 'queued' : (job.progress.stage ?? 'opening')}`, {
        defaultValue: job.progress.stage ?? '',
      });
  const percent = percentOf(job);
  const { rows, total } = job.progress;
  const name = t(`import.job.${job.kind}`, { defaultValue: job.kind });
  return (
    <section className="card working" aria-label={name}>
      <h3>{name}</h3>
      <div className="upload-row">
        <div className="progress-line">
          <span>
            <span role="status">{stage}</span>
            {rows > 0 && (
              <span className="quiet">
                {' '}
                {t(total ? 'import.rows_of' : 'import.rows', { rows: count(rows), total: count(total) })}
              </span>
            )}
          </span>
          {percent === null ? (
            <div className="endless" role="progressbar" aria-label={stage} />
          ) : (
            <Progress percent={percent} aria-label={stage} status="active" />
          )}
        </div>
        <Button onClick={cancel.run} loading={cancel.busy} disabled={job.cancel_requested}>
          {t('import.cancel_job')}
        </Button>
      </div>
      <p className="quiet">{t('import.may_leave')}</p>
      {trouble && (
        <Alert
          className="failure"
          type="warning"
          showIcon
          title={t('import.not_heard')}
          description={explain(trouble.error, t)}
        />
      )}
      {cancel.failure && <Alert className="failure" type="error" showIcon title={cancel.failure} />}
    </section>
  );
}
