import { expect, it } from 'vitest';
import { daysAhead } from './days';

it('counts days over the ends of months and years', () => {
  expect(daysAhead(new Date(2026, 11, 28), 7)).toBe('2027-01-04');
  expect(daysAhead(new Date(2026, 1, 28, 23, 59), 1)).toBe('2026-03-01');
  expect(daysAhead(new Date(2026, 0, 5), 0)).toBe('2026-01-05');
});
