// What a threshold is compared with, so that it can be dragged among the values that there are. Pure.
import type { Counts } from '../api/stats';
import type { Layer, LayerTree, Parameter, RuleSet } from '../api/schema';

export type Measured = {
  layer: string;
  field: string;
  /** Whether the values below the threshold fit the rule, or those above it. */
  fits: 'below' | 'above';
};

const comparison = (id: string) => new RegExp(`(?<![*/+-] )\\b([a-z]\\w*) (<=?|>=?) :${id}\\b(?! [*/+-])`);

/** The field that a rule compares with the threshold itself, where this session may read it; else null. */
export function measuredBy(set: RuleSet, parameter: Parameter, tree: LayerTree): Measured | null {
  if (parameter.kind !== 'number' || parameter.min === null || parameter.max === null) return null;
  for (const rule of set.rules) {
    const [, field, operator] = rule.when.match(comparison(parameter.id)) ?? [];
    if (field === undefined) continue;
    const layers = [...tree.layers].sort((a, b) => Number(b.id === set.layer) - Number(a.id === set.layer));
    const layer = layers.find((it) => it.role === 'theme' && hasNumber(it, field));
    if (layer) return { layer: layer.id, field, fits: operator?.startsWith('<') ? 'below' : 'above' };
  }
  return null;
}

function hasNumber(layer: Layer, field: string): boolean {
  const found = layer.fields.find((it) => it.name === field);
  return layer.readable && found?.readable === true && ['decimal', 'integer'].includes(found.type);
}

const bars = 30;

/** Even bounds over the threshold's range; both ends are bounds, so that what lies beyond is counted apart. */
export function boundsOf(parameter: Pick<Parameter, 'min' | 'max'>): string[] {
  const [min, max] = [Number(parameter.min), Number(parameter.max)];
  const bounds = Array.from({ length: bars + 1 }, (_, nth) => min + ((max - min) * nth) / bars);
  return bounds.map((it) => String(Number(it.toFixed(9))));
}

/** The counts within the range, and how many values lie above it; below it are none, or they stand at its beginning. */
export function withinRange(counts: Counts): { counts: Counts; beyond: number } {
  const [min, max] = [counts.breaks[0] ?? '0', counts.breaks.at(-1) ?? '0'];
  const [below = 0, first = 0, ...rest] = counts.counts;
  return {
    counts: {
      ...counts,
      min,
      max,
      breaks: counts.breaks.slice(1, -1),
      counts: [below + first, ...rest.slice(0, -1)],
    },
    beyond: rest.at(-1) ?? 0,
  };
}
