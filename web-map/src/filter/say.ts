// A condition in words, for its chip. Pure.
import type { TFunction } from 'i18next';
import type { Field, Layer, LayerTree, Text } from '../api/schema';
import { exact, type Language } from '../format';
import type { Condition } from '../state/where';

export type Told = { t: TFunction; own: (text: Text) => string; language: Language };

/** The values' names are those of the legend that tells them apart, where there is one. */
export function sayCondition(tree: LayerTree, it: Condition, { t, own, language }: Told): string {
  if (it.kind === 'cql') return t('filter.said.cql', { text: it.text });
  const layers = tree.layers.filter((layer) => layer.readable && layer.role !== 'base');
  const field = layers.flatMap((layer) => layer.fields.filter((one) => one.name === it.field))[0];
  const name = field ? own(field.title) : it.field;
  if (it.kind === 'in') {
    const values = it.values.map((value) => nameOf(layers, it.field, value, own) ?? t('filter.missing'));
    return t('filter.said.in', { name, values: values.join(t('panel.comma')) });
  }
  const figure = (value: string) => exact(value, field?.unit ?? null, language) ?? value;
  if (it.from === null) return t('filter.said.most', { name, to: figure(it.to ?? '') });
  if (it.to === null) return t('filter.said.least', { name, from: figure(it.from) });
  return t('filter.said.between', { name, from: bare(figure(it.from)), to: figure(it.to) });
}

/** `2 万元/亩 – 5 万元/亩` says the unit once. */
const bare = (text: string) => text.split(' ')[0] ?? text;

function nameOf(
  layers: readonly Layer[],
  field: string,
  value: string | null,
  own: Told['own'],
): string | null {
  const row = layers
    .flatMap((it) => it.legend)
    .find(
      ({ match }) =>
        match?.field === field &&
        (value === null ? match.values.length === 0 : match.values.some((it) => String(it) === value)),
    );
  return row ? own(row.label) : value;
}

/** The field of the units that answer for land, where the layer has it. */
export function unitField(layer: Layer): Field | null {
  return layer.fields.find((it) => it.name === 'responsible_unit' && it.readable) ?? null;
}
