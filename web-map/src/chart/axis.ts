// Where values lie on a histogram's axis, and which values people read easily. Pure.
import type { Counts } from '../api/stats';

/** Values by their place from 0 (left) to 1, and back. */
export type Axis = {
  min: number;
  max: number;
  isLog: boolean;
  toPlace: (value: number) => number;
  toValue: (place: number) => number;
};

const within = (it: number, least: number, most: number) => Math.min(most, Math.max(least, it));

/** Logarithmic only where all values are above zero; of a single value the axis has a width, too. */
export function axisOf(min: number, max: number, wantsLog = false): Axis {
  const isLog = wantsLog && min > 0;
  const [low, high] =
    max > min ? [min, max] : [min - Math.max(1, Math.abs(min)) / 2, max + Math.max(1, Math.abs(max)) / 2];
  const bend = (it: number) => (isLog ? Math.log(Math.max(it, min)) : it);
  const [from, to] = [bend(low), bend(high)];
  return {
    min: low,
    max: high,
    isLog,
    toPlace: (value) => within((bend(value) - from) / (to - from), 0, 1),
    toValue: (place) => {
      const at = from + within(place, 0, 1) * (to - from);
      return isLog ? Math.exp(at) : at;
    },
  };
}

/** A distance of 1, 2 or 5 times a power of ten, of which the axis has about `steps`. */
export function readableStep(span: number, steps = 100): number {
  if (!(span > 0)) return 1;
  const raw = span / steps;
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5].find((it) => it * power >= raw * (1 - 1e-9)) ?? 10) * power;
}

/** The nearest multiple of `step`, without the digits that floats leave behind. */
export function rounded(value: number, step: number): number {
  const places = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  return Number((Math.round(value / step) * step).toFixed(Math.min(12, places)));
}

/** The distance that a handle moves by near `value`: on a logarithmic axis it grows with the value. */
export function stepAt(axis: Axis, value: number): number {
  return axis.isLog ? readableStep(Math.max(value, axis.min), 20) : readableStep(axis.max - axis.min, 200);
}

/** Handles after one of them is moved: it stays between its neighbours, a step away from each. */
export function moved(handles: readonly number[], index: number, to: number, axis: Axis): number[] {
  const step = stepAt(axis, to);
  const least = handles[index - 1] === undefined ? axis.min : (handles[index - 1] ?? 0) + step;
  const most = handles[index + 1] === undefined ? axis.max : (handles[index + 1] ?? 0) - step;
  if (least > most) return [...handles];
  return handles.map((it, nth) => (nth === index ? within(rounded(to, step), least, most) : it));
}

export type Bar = { from: number; to: number; count: number };

/** A bar for each class between the least and the greatest value; none where nothing is known. */
export function barsOf(counts: Counts): Bar[] {
  if (counts.min === null || counts.max === null) return [];
  const edges = [Number(counts.min), ...counts.breaks.map(Number), Number(counts.max)];
  return counts.counts.map((count, nth) => ({ from: edges[nth] ?? 0, to: edges[nth + 1] ?? 0, count }));
}

/** The class of a value, from 0: a value on a bound is in the upper one. */
export function classOf(value: number, bounds: readonly number[]): number {
  let index = 0;
  while (index < bounds.length && value >= (bounds[index] ?? Infinity)) index += 1;
  return index;
}
