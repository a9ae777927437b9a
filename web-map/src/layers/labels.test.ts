import { expect, it } from 'vitest';
import type { Field, Layer, LegendRow } from '../api/schema';
import { labelsOf } from './labels';

const row = (field: string, values: (string | number)[], zh: string) =>
  ({ label: { zh, en: zh }, match: { field, values } }) as LegendRow;
const layer = (...legend: LegendRow[]) => ({ legend }) as Layer;
const field = (name: string) => ({ name }) as Field;

it('calls a value by the own legend, then by that of another layer, else not at all', () => {
  const judged = layer(row('verdict', ['low'], '低效'), row('verdict', [], '未评价'));
  const classes = layer(row('land_kind', ['198', 'scattered'], '集建区外'), row('verdict', ['low'], '差'));
  const label = labelsOf(judged, [judged, classes]);
  expect(label(field('verdict'), 'low')?.zh).toBe('低效');
  expect(label(field('land_kind'), '198')?.zh).toBe('集建区外');
  expect(label(field('verdict'), 'other')).toBeNull();
  expect(label(field('name'), 'low')).toBeNull();
});

it('tells numbered classes too', () => {
  const bands = layer(row('tax_band', [1], '不足 2'));
  expect(labelsOf(bands, [])(field('tax_band'), 1)?.zh).toBe('不足 2');
});
