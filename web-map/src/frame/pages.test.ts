import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Session } from '../api/schema';
import { ownPages } from './pages';

const session = (role: Session['role'], units: string[] | null = null) =>
  ({ role, account: 'li', responsible_units: units }) as Session;
const paths = (of: Session | undefined) => ownPages(of, ((key: string) => key) as never).map((it) => it.key);

beforeEach(() => vi.stubGlobal('location', { pathname: '/lists/3' }));
afterEach(() => vi.unstubAllGlobals());

it('offers each role the pages that it may open', () => {
  expect(paths(undefined)).toEqual([]);
  expect(paths({ ...session('public'), account: null })).toEqual([]);
  expect(paths(session('viewer'))).toEqual(['/runs']);
  expect(paths(session('officer'))).toEqual(['/lists', '/targets', '/scenarios', '/runs']);
  expect(paths(session('steward', ['114']))).not.toContain('/import');
  expect(paths(session('steward'))).toContain('/import');
});

it('marks the page that one is on, and those beneath it', () => {
  const current = ownPages(session('officer'), ((key: string) => key) as never).filter((it) => it.isCurrent);
  expect(current.map((it) => it.key)).toEqual(['/lists']);
});
