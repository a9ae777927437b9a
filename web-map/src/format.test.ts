import { describe, expect, it } from 'vitest';
import {
  barWidth,
  count,
  date,
  day,
  daysUntil,
  decimal,
  exact,
  minute,
  muOf,
  percent,
  quantity,
  scale,
} from './format';

describe('a decimal', () => {
  it.each([
    ['12.340000', 2, '12.34'],
    ['1204.6', 2, '1,204.60'],
    ['1234567.895', 2, '1,234,567.90'],
    ['0.005', 2, '0.01'],
    ['0.0049', 2, '0.00'],
    ['999.995', 2, '1,000.00'],
    ['1.005', 2, '1.01'],
    ['-1.005', 2, '−1.01'],
    ['-0.001', 2, '0.00'],
    ['9007199254740993.25', 1, '9,007,199,254,740,993.3'],
    ['0', 0, '0'],
    [40, 0, '40'],
    [1e-7, 2, '0.00'],
  ])('%s to %i places is %s', (value, places, text) => {
    expect(decimal(value, places)).toBe(text);
  });

  it.each([null, undefined, '', 'abc', 'NaN', '1,2'])('that is none stays missing, never 0: %s', (value) => {
    expect(decimal(value, 2)).toBeNull();
    expect(quantity(value, 'mu', 'zh')).toBeNull();
    expect(percent(value)).toBeNull();
  });
});

it('writes figures with their unit', () => {
  expect(quantity('36.4200', 'mu', 'zh')).toBe('36.42 亩');
  expect(quantity('24279.512', 'm2', 'zh')).toBe('24,279.5 m²');
  expect(quantity('302.5', 'wan', 'zh')).toBe('302.50 万元');
  expect(quantity('8.3', 'wan_per_mu', 'en')).toBe('8.30 10k CNY/mu');
  expect(quantity('1.12', 'ratio', 'zh')).toBe('1.12');
  expect(quantity('53.850435', 'persons', 'zh')).toBe('54 人');
  expect(quantity('2', 'years', 'en')).toBe('2 yr');
  expect(quantity('2.500', null, 'zh')).toBe('2.5');
  expect(exact('4.9996', 'wan_per_mu', 'zh')).toBe('4.9996 万元/亩');
  expect(exact('5.000000', 'wan_per_mu', 'zh')).toBe('5 万元/亩');
  expect(exact(null, 'mu', 'zh')).toBeNull();
});

it('writes shares as percentages', () => {
  expect(percent('0.612345')).toBe('61.2%');
  expect(percent('1.000000')).toBe('100.0%');
  expect(percent('0.9995')).toBe('100.0%');
  expect(percent(0)).toBe('0.0%');
  expect(percent(0.35)).toBe('35.0%');
  expect(barWidth('0.5')).toBe('50%');
  expect(barWidth('7')).toBe('100%');
});

it('writes counts and dates', () => {
  expect(count(11522)).toBe('11,522');
  expect(date('2026-11-20T08:00:00Z')).toBe('2026-11-20');
  expect(date('yesterday')).toBeNull();
});

it('writes the scale to two digits', () => {
  expect(scale(14, 31.4).replace(/\s/g, '')).toBe('1:15,000');
  expect(scale(20, 31.4).replace(/\s/g, '')).toBe('1:230');
});

it('writes a moment where the reader is, and counts whole days to it', () => {
  const noon = new Date(2026, 10, 5, 12, 4, 59).toISOString();
  expect(minute(noon)).toBe('2026-11-05 12:04');
  expect(day(noon)).toBe('2026-11-05');
  expect([minute(null), minute('soon'), day(undefined)]).toEqual([null, null, null]);
  const now = new Date('2026-11-21T08:00:00Z');
  expect(daysUntil('2026-11-22T07:59:59Z', now)).toBe(0);
  expect(daysUntil('2026-11-24T08:00:00Z', now)).toBe(3);
  expect(daysUntil('2026-11-21T07:59:59Z', now)).toBe(-1);
  expect(daysUntil(null, now)).toBeNull();
});

it('turns square metres into mu without a rounding', () => {
  expect(muOf('666.67')).toBe('1.000005');
  expect(muOf('20000')).toBe('30.0000');
  expect(muOf('0.1')).toBe('0.00015');
  expect(muOf(null)).toBeNull();
  expect(muOf('-5')).toBeNull();
});
