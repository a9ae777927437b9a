// What a coded value is called: the words of the legend, not the register's own. Pure.
import type { Field, Layer, Text } from '../api/schema';

/** The words of a field's value; nothing where it has none. */
export type Label = (field: Field, value: unknown) => Text | null;

/** By field name and value. A field that the layer's own legend does not tell apart has the words of another's. */
export function labelsOf(layer: Layer, others: readonly Layer[]): Label {
  const known = new Map<string, Map<string, Text>>();
  for (const { legend } of [layer, ...others]) {
    const told = new Set(known.keys());
    for (const { match, label } of legend) {
      if (!match || match.values.length === 0 || told.has(match.field)) continue;
      const words = known.get(match.field) ?? new Map<string, Text>();
      for (const it of match.values) words.set(String(it), label);
      known.set(match.field, words);
    }
  }
  return (field, value) => known.get(field.name)?.get(String(value)) ?? null;
}
