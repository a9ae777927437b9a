import { expect, it } from 'vitest';
import { compareRows } from './sort';

it('puts missing figures last, up and down', () => {
  const rows = [3, null, 10, 0, null].map((tax, id) => ({ id, values: { tax } }));
  const sorted = (isDown: boolean) =>
    [...rows].sort(compareRows({ field: 'tax', isDown })).map((it) => it.values.tax);
  expect(sorted(false)).toEqual([0, 3, 10, null, null]);
  expect(sorted(true)).toEqual([10, 3, 0, null, null]);
});

it('reads numbers in texts as numbers', () => {
  const rows = ['JD-10', 'JD-9', 'JD-100'].map((code, id) => ({ id, values: { code } }));
  expect(rows.sort(compareRows({ field: 'code', isDown: false })).map((it) => it.values.code)).toEqual([
    'JD-9',
    'JD-10',
    'JD-100',
  ]);
});
