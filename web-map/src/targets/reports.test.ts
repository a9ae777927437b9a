import { expect, it } from 'vitest';
import { reportKinds } from '../api/papers';
import { isPeriodOf, reportPeriods } from './reports';

it('periods are those of the day and before it, over the turn of a year', () => {
  expect(reportPeriods('monthly', '2026-02-03').slice(0, 3)).toEqual(['2026-02', '2026-01', '2025-12']);
  expect(reportPeriods('quarterly', '2026-03-31').slice(0, 3)).toEqual(['2026Q1', '2025Q4', '2025Q3']);
  expect(reportPeriods('half_year', '2026-07-01').slice(0, 3)).toEqual(['2026H2', '2026H1', '2025H2']);
});

it('a week belongs to the year of its Thursday', () => {
  expect(reportPeriods('weekly', '2026-11-22')[0]).toBe('2026-W47');
  expect(reportPeriods('weekly', '2027-01-03')[0]).toBe('2026-W53');
  expect(reportPeriods('weekly', '2027-01-04').slice(0, 2)).toEqual(['2027-W01', '2026-W53']);
  expect(reportPeriods('weekly', '2024-12-30')[0]).toBe('2025-W01');
});

it('what is offered is of the form of its kind', () => {
  for (const kind of reportKinds) {
    for (const it of reportPeriods(kind, '2026-11-22')) expect(isPeriodOf(kind, it)).toBe(true);
  }
  expect(isPeriodOf('monthly', '2026Q2')).toBe(false);
  expect(isPeriodOf('weekly', '2026-W54')).toBe(false);
});
