// A figure's classes on the map in place of a layer's own legend: which rows they are of, which class a row is in, and
// what each class comes to. Pure.
import type { Row, RowValue } from '../api/rows';
import { quoted } from '../api/rows';
import { both, whereOf } from '../filter/cql';
import type { Field, Layer } from '../api/schema';
import type { Counts } from '../api/stats';
import { axisOf, classOf } from '../chart/axis';
import { sum } from '../lists/sums';
import type { ThemeView, ViewState } from '../state/url';
import { tickedFilter } from './order';
import { firstRamp } from './ramps';

/** The class of rows without a value. */
export const missingClass = -1;

/** Figures that can be classed: numbers with a unit that this session reads row by row. */
export function figuresOf(layer: Layer): Field[] {
  return layer.fields.filter(
    (it) => it.readable && it.unit !== null && (it.type === 'decimal' || it.type === 'integer'),
  );
}

/** The layer's first figure in mu, for sums of land. */
export function muField(layer: Layer): string | null {
  return layer.fields.find((it) => it.readable && it.unit === 'mu')?.name ?? null;
}

/** Quantiles, because figures per mu are skewed: classes of equal width would put nearly all into the first. */
export function firstClasses(layer: Layer, field: string): ThemeView {
  return { layer: layer.id, field, method: 'quantile', classes: 5, ramp: firstRamp, bounds: null, units: [] };
}

/** CQL2 of the rows that are shown: the ticked ones, of the classed units, that fit the conditions. */
export function classedFilter(layer: Layer, view: ViewState): string | null {
  const ticked = tickedFilter(layer, view);
  const units = view.theme?.layer === layer.id ? view.theme.units : [];
  return both(
    ticked === null ? null : ticked === '' ? '1 = 0' : `(${ticked})`,
    units.length > 0 ? `responsible_unit IN (${units.map(quoted).join(', ')})` : null,
    whereOf(layer, view.where ?? []),
  );
}

export function numberOf(value: RowValue | undefined): number | null {
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** The class of each row by its id. */
export function classesOf(
  rows: readonly Row[],
  field: string,
  bounds: readonly number[],
): Map<number, number> {
  return new Map(
    rows.map(({ id, values }) => {
      const value = numberOf(values[field]);
      return [id, value === null ? missingClass : classOf(value, bounds)];
    }),
  );
}

export type ClassSum = { rows: number; mu: string };

/** What each class comes to, the rows without a value last; exact, whatever the order. */
export function sumsOf(
  rows: readonly Row[],
  classes: ReadonlyMap<number, number>,
  mu: string | null,
  count: number,
): ClassSum[] {
  const land: string[][] = Array.from({ length: count + 1 }, () => []);
  for (const { id, values } of rows) {
    const at = classes.get(id) ?? missingClass;
    const value = mu === null ? null : values[mu];
    land[at === missingClass ? count : at]?.push(
      typeof value === 'number' || typeof value === 'string' ? String(value) : '',
    );
  }
  return land.map((it) => ({ rows: it.length, mu: sum(it) }));
}

/** Where half of the land lies in a corner of the axis, it is bent. */
const skewed = 12;
const bins = 48;

/** How the rows' values are spread, with the value up to which the axis is even; 0 leaves it as it is. */
export function distributionOf(rows: readonly Row[], field: string): { counts: Counts; bend: number } {
  const values = rows.flatMap(({ values }) => numberOf(values[field]) ?? []).sort((a, b) => a - b);
  const missing = rows.length - values.length;
  const [min, max] = [values[0], values.at(-1)];
  if (min === undefined || max === undefined) {
    return { counts: { field, breaks: [], counts: [], min: null, max: null, missing }, bend: 0 };
  }
  const middle = values[Math.floor(values.length / 2)] ?? 0;
  const bend = min >= 0 && middle > 0 && max / middle > skewed ? middle : 0;
  const axis = axisOf(min, max, false, bend);
  const bounds =
    max > min ? Array.from({ length: bins - 1 }, (_, nth) => axis.toValue((nth + 1) / bins)) : [];
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const it of values) {
    const at = classOf(it, bounds);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return {
    counts: { field, breaks: bounds.map(String), counts, min: String(min), max: String(max), missing },
    bend,
  };
}
