import { expect, it } from 'vitest';
import type { Standing } from '../api/lists';
import { periodsOf, readAsked, reconciles, writeAsked } from './asked';

const today = '2026-05-20';

it('reads an address as hostile input and writes it back', () => {
  expect(readAsked('', today)).toEqual({ period: '2026', kind: 'mu', asOf: null });
  const whole = { period: '2025Q3', kind: 'tce', asOf: '2025-09-30' };
  expect(readAsked(writeAsked(whole), today)).toEqual(whole);
  expect(readAsked("?period=2026Q5&kind=x'&as_of=2027-01-01", today)).toEqual({
    period: '2026',
    kind: 'mu',
    asOf: null,
  });
});

it('has a year, its quarters and its months', () => {
  expect(periodsOf(2026)).toHaveLength(17);
  expect(periodsOf(2026).every((it) => readAsked(`?period=${it}`, today).period === it)).toBe(true);
});

it('reconciles to the last digit', () => {
  const row = (counted: string, target: string | null) => ({ counted, target }) as Standing;
  const rows = [row('0.1', '600'), row('0.2', null)];
  expect(reconciles(rows, row('0.3', '600.0'))).toBe(true);
  expect(reconciles(rows, row('0.30000001', '600'))).toBe(false);
  expect(reconciles(rows, row('0.3', '601'))).toBe(false);
  expect(reconciles([], row('0', null))).toBe(true);
});
