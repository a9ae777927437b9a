import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Progress } from 'antd';
import { useEffect, useState } from 'react';
import { useAction } from '../api/action';
import { getJson, listen, Problem } from '../api/client';
import { explain } from '../api/explain';
import { cancelJob, jobPath } from '../api/imports';
import type { Job } from '../api/schema';
import { follow } from '../import/follow';
import '../import/import.css';
import { isOver, percentOf } from '../import/phase';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { runPath } from '../state/url';

/** A run under way, or how the last one ended. */
export function RunJob({ job: given }: { job: Job }) {
  const { t } = useText();
  const { job, trouble } = useFollowed(given);
  const cancel = useAction(async () => {
    await cancelJob(job.job_id);
  });
  if (isOver(job)) return <Ended job={job} />;
  const stage = job.cancel_requested
    ? t('import.cancelling')
    : t(`runs.stage.${job.state === 'queued' ? 'queued' : (job.progress.stage ?? 'queued')}`);
  const percent = percentOf(job);
  return (
    <section className="card working run-job" aria-label={t('runs.under_way')}>
      <div className="upload-row">
        <div className="progress-line">
          <span>
            {t('runs.under_way')} <span role="status">{stage}</span>
          </span>
          {percent === null ? (
            <div className="endless" role="progressbar" aria-label={stage} />
          ) : (
            <Progress percent={percent} aria-label={stage} status="active" />
          )}
        </div>
        <Button onClick={() => cancel.run()} loading={cancel.busy} disabled={job.cancel_requested}>
          {t('import.cancel_job')}
        </Button>
      </div>
      <p className="quiet">{t('runs.may_leave')}</p>
      {trouble !== null && <Alert type="warning" showIcon title={explain(trouble, t)} />}
      {cancel.failure && <Alert type="error" showIcon title={cancel.failure} />}
    </section>
  );
}

function Ended({ job }: { job: Job }) {
  const { t } = useText();
  if (job.state === 'failed') {
    return (
      <Alert
        className="failure"
        type="error"
        showIcon
        title={t('runs.job_failed')}
        description={job.error?.detail || job.error?.title}
      />
    );
  }
  if (job.state === 'cancelled') {
    return <Alert className="failure" type="info" showIcon title={t('runs.job_cancelled')} />;
  }
  if (job.run_id === null) return null;
  return (
    <Alert
      className="failure"
      type="success"
      showIcon
      title={<a href={toPath(runPath(job.run_id))}>{t('runs.job_done', { id: job.run_id })}</a>}
    />
  );
}

/** The job as it goes on; when it is over, everything that a run changes is asked for anew. */
function useFollowed(given: Job): { job: Job; trouble: unknown } {
  const queries = useQueryClient();
  const [heard, setHeard] = useState<Job | null>(null);
  const [trouble, setTrouble] = useState<unknown>(null);
  const job = heard?.job_id === given.job_id ? heard : given;
  const jobId = isOver(given) ? null : given.job_id;
  useEffect(() => {
    if (jobId === null) return;
    return follow(
      {
        listen: (onData, onError) => listen(`${jobPath(jobId)}/events`, 'job', onData, onError),
        get: () => getJson<Job>(jobPath(jobId)),
        later: (run, milliseconds) => {
          const timer = setTimeout(run, milliseconds);
          return () => clearTimeout(timer);
        },
      },
      {
        job: (it) => {
          setHeard(it);
          if (!isOver(it)) return;
          for (const key of ['runs', 'layers', 'dossier', 'preview', 'flips', 'notices'])
            void queries.invalidateQueries({ queryKey: [key] });
        },
        trouble: setTrouble,
      },
      (error) =>
        error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429,
    );
  }, [queries, jobId]);
  return { job, trouble };
}
