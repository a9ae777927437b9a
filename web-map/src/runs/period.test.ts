import type { TFunction } from 'i18next';
import { expect, it } from 'vitest';
import { isYear, parsePeriod, periodText } from './period';

it('reads what the server spells', () => {
  expect(parsePeriod('2025')).toEqual({ year: 2025 });
  expect(parsePeriod('2025Q3')).toEqual({ year: 2025, quarter: 3 });
  expect(parsePeriod('2025-07')).toEqual({ year: 2025, month: 7 });
  for (const text of ['', '25', '2025Q5', '2025-13', '2025-7', '2025Q3 '])
    expect(parsePeriod(text)).toBeNull();
});

it('says a period by its length, and leaves what it cannot read', () => {
  const t = ((key: string, values: object) => `${key} ${JSON.stringify(values)}`) as unknown as TFunction;
  expect(periodText('2025', t)).toBe('runs.of_year {"year":2025}');
  expect(periodText('2025Q3', t)).toBe('runs.of_quarter {"year":2025,"quarter":3}');
  expect(periodText('2025-07', t)).toBe('runs.of_month {"year":2025,"month":7}');
  expect(periodText('最近', t)).toBe('最近');
  expect(['2025', '2025Q1', '2025-01'].map(isYear)).toEqual([true, false, false]);
});
