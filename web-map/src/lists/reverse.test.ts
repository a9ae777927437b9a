import { describe, expect, test } from 'vitest';
import type { Case } from '../api/lists';
import { mayStepBack, standing, stepBack, turnOfMilestone, turnOfStep, turnsOfAdded } from './reverse';

const row = (state: string, more: Partial<Case> = {}): Case =>
  ({ case_code: 'JD2026001', state, held: false, reached: {}, ...more }) as Case;

describe('what takes a step back', () => {
  test.each([
    ['verify', 'candidate', 'return'],
    ['list', 'verified', 'return'],
    ['start', 'listed', 'return'],
    ['accept', 'in_progress', 'revoke'],
    ['hold', 'listed', 'resume'],
    ['restore', 'removed', 'reject'],
    ['reject', 'candidate', 'restore'],
    ['return', 'listed', 'list'],
    ['return', 'in_progress', 'start'],
  ])('%s from %s is taken back by %s', (step, from, back) => {
    expect(stepBack(step, row(from))).toBe(back);
  });

  test.each([
    // A restored case would be a candidate again, not what it was.
    ['reject', 'verified'],
    ['remove', 'listed'],
    ['close', 'accepted'],
    ['revoke', 'accepted'],
    ['continue', 'accepted'],
  ])('nothing takes %s from %s back exactly', (step, from) => {
    expect(stepBack(step, row(from))).toBeNull();
  });

  test('a case that was on hold would come back without it', () => {
    const held = row('in_progress', { held: true });
    expect(stepBack('return', held)).toBeNull();
    expect(stepBack('resume', held)).toBe('hold');
  });

  test('an officer of a unit returns nothing', () => {
    expect(mayStepBack('verify', row('candidate'), false)).toBeNull();
    expect(mayStepBack('verify', row('candidate'), true)).toBe('return');
    expect(mayStepBack('restore', row('removed'), false)).toBe('reject');
  });
});

describe('a turn', () => {
  test('of a step knows how the case was left', () => {
    const event = { kind: 'transition', step: 'list' } as const;
    const turn = turnOfStep(row('verified'), row('listed'), event, '撤销');
    expect(turn).toMatchObject({ before: 'verified', after: 'listed', again: event });
    expect(turn?.back).toEqual({ kind: 'transition', step: 'return', reason: '撤销' });
    expect(turnOfStep(row('accepted'), row('closed'), { kind: 'transition', step: 'close' }, '')).toBeNull();
  });

  test('of a milestone goes back to the day on which it was reached', () => {
    const reached = row('in_progress', { reached: { signing: '2026-03-01' } });
    const turn = turnOfMilestone(reached, row('in_progress'), 'signing', '撤销');
    expect(turn.back).toEqual({ kind: 'milestone', milestone: 'signing', on: '2026-03-01' });
    expect(turn.again).toEqual({ kind: 'milestone', milestone: 'signing', undo: true, reason: '撤销' });
    expect([turn.before, turn.after]).toEqual(['2026-03-01', '']);
  });

  test('of added parcels rejects each of them', () => {
    const turns = turnsOfAdded(['A', 'B'], '撤销');
    expect(turns.map((it) => it.code)).toEqual(['A', 'B']);
    expect(standing(row('candidate'), null)).toBe(turns[0]?.after);
  });
});
