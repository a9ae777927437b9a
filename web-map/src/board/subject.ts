// What the board speaks of, found in what the layers declare: no layer and no figure is named here. Pure.
import type { Field, Layer, LayerTree, Text, Unit } from '../api/schema';
import type { Measure } from '../api/stats';

export type Indicator = {
  /** As in the address: the field's name. */
  key: string;
  title: Text;
  unit: Unit | null;
  measure: Measure;
  /** What a group's sum may stand beside: a ratio is no part of a whole. */
  isRatio: boolean;
};

export type Subject = {
  layer: Layer;
  /** Fields whose groups are published; the first is shown first. */
  dimensions: Field[];
  /** The land of a row, in mu. */
  area: Field;
  indicators: Indicator[];
  /** Figures that this session may have neither singly nor in sums. */
  locked: Field[];
  /** Single figures are open in the own units only: the sums are asked for as they are published. */
  published: boolean;
};

/** Units of which a sum means something. */
const additive: readonly (Unit | null)[] = [
  'm2', 'mu', 'ha', 'wan', 'tce', 'kwh', 'm3', 't', 'persons', 'count',
]; // prettier-ignore

const isNumber = (it: Field) => it.type === 'decimal' || it.type === 'integer';
const isOpen = (it: Field) => it.readable || it.sums;

/** The layer whose groups and figures are declared for it; null where no layer has both. */
export function subjectOf(tree: LayerTree): Subject | null {
  const able = tree.layers.flatMap((layer) => subject(layer) ?? []);
  const size = (it: Subject) => it.indicators.length + it.locked.length;
  return able.reduce<Subject | null>((best, it) => (best && size(best) >= size(it) ? best : it), null);
}

function subject(layer: Layer): Subject | null {
  const dimensions = layer.fields.filter((it) => it.dimension && it.readable);
  const area = layer.fields.find((it) => it.unit === 'mu' && it.readable && isNumber(it));
  if (!layer.readable || dimensions.length === 0 || !area) return null;
  const numbers = layer.fields.filter(
    (it) => isNumber(it) && it !== area && it.unit !== null && !it.dimension,
  );
  const summed = numbers.filter((it) => additive.includes(it.unit));
  const open = summed.filter(isOpen);
  const ratios = open.flatMap((it) => {
    const ratio = layer.fields.find((one) => one.name === `${it.name}_per_${area.unit}`);
    return ratio ? [indicator(ratio, { ratio: [it.name, area.name] }, true)] : [];
  });
  return {
    layer,
    dimensions: [...dimensions].sort((a, b) => Number(b.popup) - Number(a.popup)),
    area,
    indicators: [
      indicator(area, { sum: area.name }, false),
      ...ratios,
      ...open.map((it) => indicator(it, { sum: it.name }, false)),
    ],
    locked: summed.filter((it) => !isOpen(it)),
    published: open.some((it) => !it.readable || it.within_units),
  };
}

function indicator(field: Field, measure: Measure, isRatio: boolean): Indicator {
  return { key: field.name, title: field.title, unit: field.unit, measure, isRatio };
}

/** The themes that this session may read, of which every class is counted. */
export function themesOf(tree: LayerTree): Layer[] {
  return tree.layers.filter((it) => it.role === 'theme' && it.readable && it.legend.some((row) => row.match));
}

/** Themes for people with another role. */
export function lockedThemes(tree: LayerTree): Layer[] {
  return tree.layers.filter((it) => it.role === 'theme' && !it.readable);
}

/** The field that tells the classes of a theme. */
export function classField(layer: Layer): string | null {
  return layer.legend.find((it) => it.match)?.match?.field ?? null;
}

export type Facts = { layer: Layer; fields: Field[] };

/**
 * What is looked at for gaps: the facts of every register of parcels that somebody supplies, and the figures of enterprises.
 * Only what this session may read of all rows: elsewhere a withheld value would pass for a missing one.
 */
export function factsOf(tree: LayerTree, subject: Subject, dimension: string): Facts[] {
  const isKnown = (it: Field) => it.readable && !it.within_units && it.name !== dimension;
  const summed = subject.indicators.filter((it) => !it.isRatio && it.key !== subject.area.name);
  return tree.layers
    .filter((it) => it.readable && it.identify !== null)
    .filter((it) => it.fields.some((one) => one.name === dimension && one.readable))
    .map((layer) => ({
      layer,
      fields: layer.fields.filter(
        (it) =>
          isKnown(it) &&
          (it.supplier || (layer === subject.layer && summed.some((one) => one.key === it.name))),
      ),
    }))
    .filter((it) => it.fields.length > 0);
}
