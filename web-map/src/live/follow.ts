// Hears of changes while the page is looked at: pushed by the server, and where the push does not come through, by asking for
// the layer tree now and then. Pure but for what it is given.
import type { Bbox } from '../api/schema';

export type Changed = { layer: string; revision: number; bbox: Bbox | null };

export type Stream = {
  /** Where every layer stands: first of all, and when some changes were missed. */
  revisions: (revisions: Map<string, number>) => void;
  changed: (change: Changed) => void;
  /** Nothing follows. */
  failed: () => void;
};

export type Means = {
  /** Server-sent events; returns the undo. */
  open: (stream: Stream) => () => void;
  /** Asks for the layer tree. */
  poll: () => void;
  /** Calls after so many milliseconds; returns the undo. */
  later: (run: () => void, milliseconds: number) => () => void;
  isHidden: () => boolean;
  /** Calls when the page is shown or hidden; returns the undo. */
  onShown: (listener: () => void) => () => void;
  /** Between 0 and 1. */
  random: () => number;
};

export type Heard = Pick<Stream, 'revisions' | 'changed'>;

/** Some proxies hold a stream back without ending it. */
const silence = 8_000;
const pollEvery = 30_000;
const shortest = 1_000;
const longest = 60_000;

export function followChanges(by: Means, heard: Heard): () => void {
  let failures = 0;
  let close = () => {};
  let stopWaiting = () => {};
  let stopPolling: (() => void) | null = null;

  const rest = () => {
    stopWaiting();
    close();
    close = () => {};
    stopPolling?.();
    stopPolling = null;
  };
  const poll = () => {
    by.poll();
    stopPolling = by.later(poll, pollEvery);
  };
  const fail = () => {
    stopWaiting();
    close();
    close = () => {};
    // Somebody who was let go after some minutes comes again at once; a server that is away is not stormed by everybody
    // in the same moment.
    const pause = Math.min(longest, shortest * 2 ** failures) * (0.5 + by.random());
    failures += 1;
    stopPolling ??= by.later(poll, pollEvery);
    stopWaiting = by.later(listen, pause);
  };
  const listen = () => {
    stopWaiting = by.later(fail, silence);
    close = by.open({
      revisions: (revisions) => {
        failures = 0;
        stopWaiting();
        stopPolling?.();
        stopPolling = null;
        heard.revisions(revisions);
      },
      changed: heard.changed,
      failed: fail,
    });
  };
  const look = () => {
    rest();
    failures = 0;
    if (!by.isHidden()) listen();
  };

  const stopLooking = by.onShown(look);
  look();
  return () => {
    stopLooking();
    rest();
  };
}
