import { expect, it } from 'vitest';
import type { Row } from '../api/rows';
import { emptyView, type ThemeView } from '../state/url';
import { classedFilter, classesOf, distributionOf, missingClass, sumsOf } from './classes';
import { theme } from './sample';

const row = (id: number, tax: number | null, mu: number): Row => ({ id, values: { tax, mu } });
const rows = [row(1, 0, 0.1), row(2, 5, 0.2), row(3, 9.5, 10), row(4, null, 2.5), row(5, 4.999, 0.7)];

it('never takes a missing figure for zero', () => {
  const classes = classesOf(rows, 'tax', [5, 9]);
  expect([...classes]).toEqual([
    [1, 0],
    [2, 1],
    [3, 2],
    [4, missingClass],
    [5, 0],
  ]);
  expect(sumsOf(rows, classes, 'mu', 3)).toEqual([
    { rows: 2, mu: '0.8' },
    { rows: 1, mu: '0.2' },
    { rows: 1, mu: '10' },
    { rows: 1, mu: '2.5' },
  ]);
});

it('classes the rows that are ticked, of the units that are chosen', () => {
  const own = { layer: theme.id, units: ["O'Neill", '马陆镇'] } as unknown as ThemeView;
  expect(classedFilter(theme, emptyView)).toBeNull();
  expect(classedFilter(theme, { ...emptyView, theme: own })).toBe(
    "responsible_unit IN ('O''Neill', '马陆镇')",
  );
  expect(classedFilter(theme, { ...emptyView, hidden: { [theme.id]: [0, 2] }, theme: own })).toBe(
    "((kind = 'y')) AND responsible_unit IN ('O''Neill', '马陆镇')",
  );
  expect(classedFilter(theme, { ...emptyView, hidden: { [theme.id]: [0, 1, 2] } })).toBe('1 = 0');
});

it('counts each value once, and bends the axis of skewed figures', () => {
  const even = distributionOf(rows, 'tax');
  expect(even.counts.counts.reduce((all, it) => all + it, 0)).toBe(4);
  expect(even.counts).toMatchObject({ min: '0', max: '9.5', missing: 1 });
  expect(even.bend).toBe(0);
  const skewed = distributionOf([...rows, row(6, 400, 1)], 'tax');
  expect(skewed.bend).toBeGreaterThan(0);
  expect(skewed.counts.counts.reduce((all, it) => all + it, 0)).toBe(5);
  expect(distributionOf([row(1, null, 1)], 'tax').counts).toMatchObject({
    counts: [],
    min: null,
    missing: 1,
  });
});
