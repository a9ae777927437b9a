// A job's progress: pushed by the server, asked for where the push does not come through. Pure but for what it is given.
import type { Job } from '../api/schema';
import { isOver } from './phase';

export type Means = {
  /** Server-sent events; returns the undo. */
  listen: (onData: (data: unknown) => void, onError: () => void) => () => void;
  get: () => Promise<Job>;
  /** Calls after so many milliseconds; returns the undo. */
  later: (run: () => void, milliseconds: number) => () => void;
};

export type Heard = {
  job: (job: Job) => void;
  /** It could not be asked; null when it could again. */
  trouble: (error: unknown) => void;
};

/** Nothing heard for so long: some proxies hold a stream back without ending it. */
const silence = 8_000;
const pause = 2_000;
const longestPause = 30_000;

/** Follows a job to its end. A refusal (4xx) ends the following; an unreachable server is asked again. */
export function follow(by: Means, heard: Heard, refused: (error: unknown) => boolean): () => void {
  let over = false;
  let streaming = true;
  let failures = 0;
  let stopTimer = () => {};

  const stop = () => {
    over = true;
    stopTimer();
    stopListening();
  };
  const hear = (job: Job) => {
    if (over) return;
    failures = 0;
    heard.trouble(null);
    heard.job(job);
    if (isOver(job)) return stop();
    ask(streaming ? silence : pause);
  };
  const ask = (milliseconds: number) => {
    stopTimer();
    stopTimer = by.later(() => void poll(), milliseconds);
  };
  const poll = async () => {
    try {
      hear(await by.get());
    } catch (error) {
      if (over) return;
      heard.trouble(error);
      if (refused(error)) return stop();
      failures += 1;
      ask(Math.min(longestPause, pause * 2 ** failures));
    }
  };

  ask(silence);
  const stopListening = by.listen(
    (data) => {
      if (isJob(data)) hear(data);
    },
    () => {
      if (over) return;
      streaming = false;
      ask(0);
    },
  );
  return stop;
}

function isJob(data: unknown): data is Job {
  return typeof data === 'object' && data !== null && 'job_id' in data && 'state' in data;
}
