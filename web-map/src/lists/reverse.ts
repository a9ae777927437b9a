// Events of cases that can be taken back, and by which event: nothing is deleted, both stay in the history. Pure.
import type { Case, NewEvent } from '../api/lists';

/** Something that happened to a case, with what takes it back and what does it again. */
export type Turn = {
  code: string;
  /** A station of the path; null where the case's state tells whether it still is as it was left. */
  milestone: string | null;
  before: string;
  after: string;
  back: NewEvent;
  again: NewEvent;
};

/** So many added parcels are taken back at once; each is a step of its own. */
export const mostAdded = 200;

/** How a case stands, as far as a step or a milestone changes it. */
export function standing(row: Case, milestone: string | null): string {
  if (milestone !== null) return row.reached[milestone] ?? '';
  return row.held ? `${row.state}, held` : row.state;
}

const backOf: Readonly<Record<string, string>> = {
  verify: 'return',
  list: 'return',
  start: 'return',
  accept: 'revoke',
  hold: 'resume',
  resume: 'hold',
  restore: 'reject',
};
/** The step that leads to a state that a return has left. */
const leadsTo: Readonly<Record<string, string>> = {
  verified: 'verify',
  listed: 'list',
  in_progress: 'start',
};

/** The step that takes a step back exactly; null where none does. */
export function stepBack(step: string, row: Pick<Case, 'state' | 'held'>): string | null {
  // What goes to another state is on hold no more, and nothing leads to both.
  const leaves = step !== 'hold' && step !== 'resume';
  if (row.held && leaves) return null;
  if (step === 'return') return leadsTo[row.state] ?? null;
  // A removed case is restored to the first state.
  if (step === 'reject') return row.state === 'candidate' ? 'restore' : null;
  return backOf[step] ?? null;
}

/** Steps that every officer of a unit may take; the others are for officers for all units. */
const ofUnit = new Set(['verify', 'start', 'reject']);

/** Whether somebody may take a step back who answers for some units, or for all. */
export function mayStepBack(
  step: string,
  row: Pick<Case, 'state' | 'held'>,
  ofAllUnits: boolean,
): string | null {
  const back = stepBack(step, row);
  return back !== null && (ofAllUnits || ofUnit.has(back)) ? back : null;
}

/** A step that was taken from `before` to `after`. */
export function turnOfStep(before: Case, after: Case, event: NewEvent, reason: string): Turn | null {
  if (event.kind !== 'transition') return null;
  const back = stepBack(event.step, before);
  if (back === null) return null;
  return {
    code: after.case_code,
    milestone: null,
    before: standing(before, null),
    after: standing(after, null),
    back: { kind: 'transition', step: back, reason },
    again: event,
  };
}

/** A milestone that was reached, or was not reached after all. */
export function turnOfMilestone(before: Case, after: Case, milestone: string, reason: string): Turn {
  const reach = (row: Case): NewEvent => {
    const on = row.reached[milestone];
    return on === undefined
      ? { kind: 'milestone', milestone, undo: true, reason }
      : { kind: 'milestone', milestone, on };
  };
  return {
    code: after.case_code,
    milestone,
    before: standing(before, milestone),
    after: standing(after, milestone),
    back: reach(before),
    again: reach(after),
  };
}

/** Parcels that came into a list: they are rejected, and restored. */
export function turnsOfAdded(codes: readonly string[], reason: string): Turn[] {
  return codes.map((code) => ({
    code,
    milestone: null,
    before: 'removed',
    after: 'candidate',
    back: { kind: 'transition', step: 'reject', reason },
    again: { kind: 'transition', step: 'restore', reason },
  }));
}
