// Conditions of the map as CQL2 text over the fields of a layer. Pure. A condition says something of a layer only if this session
// reads the field there and the values are of its type; of other layers it is left out, and the chip says so.
import { quoted } from '../api/rows';
import type { Field, Layer } from '../api/schema';
import type { Condition, Where } from '../state/where';

const isNumber = (it: Field) => it.type === 'decimal' || it.type === 'integer';
const fieldOf = (layer: Layer, name: string) => layer.fields.find((it) => it.name === name && it.readable);

/** The condition as text, or null where it says nothing of the layer. */
export function cqlOf(layer: Layer, it: Condition): string | null {
  if (!layer.readable || layer.role === 'base') return null;
  if (it.kind === 'cql') return it.layer === layer.id ? `(${it.text})` : null;
  const field = fieldOf(layer, it.field);
  if (!field) return null;
  if (it.kind === 'range') {
    if (!isNumber(field)) return null;
    const ends = [
      ...(it.from === null ? [] : [`${field.name} >= ${it.from}`]),
      ...(it.to === null ? [] : [`${field.name} <= ${it.to}`]),
    ];
    return `(${ends.join(' AND ')})`;
  }
  const literals = it.values.flatMap((value) => (value === null ? [] : [literal(field, value)]));
  if (literals.includes(null)) return null;
  const ways = [
    ...(literals.length > 0 ? [`${field.name} IN (${literals.join(', ')})`] : []),
    ...(it.values.includes(null) ? [`${field.name} IS NULL`] : []),
  ];
  return `(${ways.join(' OR ')})`;
}

/** Null where the value is none of the field's type. */
function literal(field: Field, value: string): string | null {
  if (isNumber(field)) return /^-?\d{1,15}(\.\d{1,9})?$/.test(value) ? value : null;
  if (field.type === 'boolean') return /^(true|false)$/.test(value) ? value.toUpperCase() : null;
  return field.type === 'text' ? quoted(value) : null;
}

/** All conditions that say something of the layer; null where none does. */
export function whereOf(layer: Layer, where: Where): string | null {
  return both(...where.map((it) => cqlOf(layer, it)));
}

/** Both hold, or the one that there is. Parts are whole terms or in brackets. */
export function both(...parts: readonly (string | null)[]): string | null {
  const said = parts.filter((it) => it !== null);
  return said.length > 0 ? said.join(' AND ') : null;
}

/** The same map as before, with other conditions in place of those about the same field. */
export function withCondition(where: Where, next: Condition): Condition[] {
  const about = (it: Condition) => (it.kind === 'cql' ? null : `${it.kind} ${it.field}`);
  return [...where.filter((it) => about(it) === null || about(it) !== about(next)), next];
}
