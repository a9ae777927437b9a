// Where an import stands, from what the server says of its batch and its newest job. Pure.
import type { Import, Job, JobError, Report } from '../api/schema';

export type Phase =
  /** The file is there; where it goes has not been said. */
  | { is: 'uploaded' }
  | { is: 'working'; job: Job }
  /** The preview stopped at something that only a person can answer. */
  | { is: 'asked'; error: JobError; parameter: string }
  | { is: 'failed'; error: JobError }
  /** Somebody cancelled the preview. */
  | { is: 'cancelled' }
  /** `trouble`: applying or undoing it did not work, so that it is as it was. */
  | { is: 'previewed'; report: Report; trouble: JobError | null }
  | { is: 'applied'; report: Report | null; trouble: JobError | null }
  | { is: 'undone'; report: Report | null }
  | { is: 'discarded' };

const unsaid: JobError = { title: '', detail: '', parameter: null, choices: null };

export function isOver(job: Job): boolean {
  return job.state !== 'queued' && job.state !== 'running';
}

export function phaseOf(it: Import): Phase {
  const { job, state, report } = it;
  if (state === 'discarded') return { is: 'discarded' };
  if (job && !isOver(job)) return { is: 'working', job };
  if (state === 'undone') return { is: 'undone', report };
  const trouble = job?.state === 'failed' ? (job.error ?? unsaid) : null;
  if (state === 'applied') return { is: 'applied', report, trouble: job?.kind === 'undo' ? trouble : null };
  // A preview that failed says more than the one before it, whose options are no longer the batch's.
  if (job?.kind !== 'apply' && trouble) {
    return trouble.parameter
      ? { is: 'asked', error: trouble, parameter: trouble.parameter }
      : { is: 'failed', error: trouble };
  }
  if (job?.kind !== 'apply' && job?.state === 'cancelled') return { is: 'cancelled' };
  if (state === 'previewed' && report) return { is: 'previewed', report, trouble };
  return { is: 'uploaded' };
}

/** Tells the findings and changes of one preview from those of the next. */
export function previewKey(it: Import): string {
  return `${it.state}-${it.job?.job_id ?? 0}`;
}

export type Verdict =
  | { can: true; passed: number; rejected: number }
  /** A key below `import.apply.` that says why not. */
  | { can: false; why: 'unsaved' | 'empty' | 'all_rejected' | 'nothing_new' };

/** Whether a preview may be applied, and how many rows of the file that would be. */
export function verdictOf(report: Report, unsaved: boolean): Verdict {
  const { read, rejected, added, changed, removed } = report.rows;
  if (unsaved) return { can: false, why: 'unsaved' };
  if (read === 0) return { can: false, why: 'empty' };
  if (rejected >= read) return { can: false, why: 'all_rejected' };
  if (added + changed + removed === 0) return { can: false, why: 'nothing_new' };
  return { can: true, passed: read - rejected, rejected };
}

/** 0 to 100, or null while it is not known how much there is. */
export function percentOf(job: Job): number | null {
  const { rows, total } = job.progress;
  return total ? Math.min(100, Math.floor((100 * rows) / total)) : null;
}
