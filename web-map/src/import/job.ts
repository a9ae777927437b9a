// Keeps the import on the page as its job goes on.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { getJson, listen, Problem } from '../api/client';
import type { Import, Job } from '../api/schema';
import { jobPath } from '../api/imports';
import { useKnown } from '../session/known';
import { follow } from './follow';
import { isOver, phaseOf } from './phase';

/** `lost`: the server knows no such job any more; else the error of the last time it was asked. */
export type Trouble = { lost: boolean; error: unknown } | null;

export function useFollowedJob(it: Import | undefined): Trouble {
  const queries = useQueryClient();
  const [trouble, setTrouble] = useState<Trouble>(null);
  // A session that ended stops the following; signing in again takes it up.
  const signedOut = useKnown((known) => known.lost);
  const phase = it && phaseOf(it);
  const batchId = it?.batch_id;
  const jobId = phase?.is === 'working' ? phase.job.job_id : null;

  useEffect(() => {
    if (jobId === null || batchId === undefined || signedOut) return;
    const hear = (job: Job) => {
      if (!isOver(job)) {
        queries.setQueryData<Import>(['import', batchId], (old) => old && { ...old, job });
        return;
      }
      // What came of it is the batch's to say.
      void queries.invalidateQueries({ queryKey: ['import', batchId] });
      void queries.invalidateQueries({ queryKey: ['imports'] });
      void queries.invalidateQueries({ queryKey: ['layers'] });
    };
    const stop = follow(
      {
        listen: (onData, onError) => listen(`${jobPath(jobId)}/events`, 'job', onData, onError),
        get: () => getJson<Job>(jobPath(jobId)),
        later: (run, milliseconds) => {
          const timer = setTimeout(run, milliseconds);
          return () => clearTimeout(timer);
        },
      },
      {
        job: hear,
        trouble: (error) =>
          setTrouble(
            error === null ? null : { lost: error instanceof Problem && error.status === 404, error },
          ),
      },
      (error) =>
        error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429,
    );
    return () => {
      stop();
      setTrouble(null);
    };
  }, [queries, jobId, batchId, signedOut]);
  return trouble;
}
