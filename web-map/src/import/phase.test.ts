import { expect, it } from 'vitest';
import { percentOf, phaseOf, verdictOf } from './phase';
import { sampleImport, sampleJob, sampleReport } from './sample';

const asked = {
  title: 'which?',
  detail: 'which system is it?',
  parameter: 'source_crs',
  choices: ['EPSG:4549'],
};
const broken = { title: 'broken', detail: 'the archive ends early', parameter: null, choices: null };

it('goes from the upload to the undo', () => {
  const is = (change: Parameters<typeof sampleImport>[0]) => phaseOf(sampleImport(change)).is;
  expect(is({ state: 'uploaded', into: null, job: null, report: null })).toBe('uploaded');
  expect(is({ state: 'uploaded', job: sampleJob({ state: 'queued' }), report: null })).toBe('working');
  expect(is({ state: 'uploaded', job: sampleJob({ state: 'failed', error: asked }), report: null })).toBe(
    'asked',
  );
  expect(is({ state: 'uploaded', job: sampleJob({ state: 'failed', error: broken }), report: null })).toBe(
    'failed',
  );
  expect(is({ state: 'uploaded', job: sampleJob({ state: 'cancelled' }), report: null })).toBe('cancelled');
  expect(is({})).toBe('previewed');
  expect(is({ job: sampleJob({ kind: 'apply', state: 'running' }) })).toBe('working');
  expect(is({ state: 'applied', job: sampleJob({ kind: 'apply' }) })).toBe('applied');
  expect(is({ state: 'applied', job: sampleJob({ kind: 'undo', state: 'running' }) })).toBe('working');
  expect(is({ state: 'undone', job: sampleJob({ kind: 'undo' }) })).toBe('undone');
  expect(is({ state: 'discarded', job: sampleJob({ state: 'running' }) })).toBe('discarded');
});

it('does not offer an earlier preview after one that failed, for its options are gone', () => {
  expect(phaseOf(sampleImport({ job: sampleJob({ state: 'failed', error: broken }) })).is).toBe('failed');
  expect(phaseOf(sampleImport({ job: sampleJob({ state: 'cancelled' }) })).is).toBe('cancelled');
});

it('never shows as done what failed: the state before it, and why', () => {
  const apply = sampleJob({ kind: 'apply', state: 'failed', error: broken });
  expect(phaseOf(sampleImport({ job: apply }))).toMatchObject({ is: 'previewed', trouble: broken });
  const undo = sampleJob({ kind: 'undo', state: 'failed', error: broken });
  expect(phaseOf(sampleImport({ state: 'applied', job: undo }))).toMatchObject({
    is: 'applied',
    trouble: broken,
  });
});

it('applies what passes, and says why nothing can be', () => {
  expect(verdictOf(sampleReport(), false)).toEqual({ can: true, passed: 8, rejected: 2 });
  expect(verdictOf(sampleReport(), true)).toEqual({ can: false, why: 'unsaved' });
  expect(verdictOf(sampleReport({ read: 0, rejected: 0 }), false)).toEqual({ can: false, why: 'empty' });
  expect(verdictOf(sampleReport({ rejected: 10 }), false)).toEqual({ can: false, why: 'all_rejected' });
  expect(verdictOf(sampleReport({ added: 0, changed: 0 }), false)).toEqual({
    can: false,
    why: 'nothing_new',
  });
  // A layer that is replaced as a whole loses rows, and that is a change, too.
  expect(verdictOf(sampleReport({ added: 0, changed: 0, removed: 1 }), false).can).toBe(true);
});

it('knows how far a job is only where it knows how much there is', () => {
  expect(percentOf(sampleJob())).toBe(25);
  expect(percentOf(sampleJob({ progress: { stage: 'reading', rows: 3, total: null } }))).toBeNull();
  expect(percentOf(sampleJob({ progress: { stage: 'reading', rows: 9, total: 3 } }))).toBe(100);
});
