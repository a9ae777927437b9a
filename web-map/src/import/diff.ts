// One change as it is read: field by field, before and after. Pure.
import type { Change, FieldChange } from '../api/schema';
import { decimal, quantity, type Language } from '../format';

/** From here on an area is also said in mu: half a mu. */
const largeM2 = 333;

export type Line = { field: string; title: string; before: string | null; after: string | null };

/** Null is a missing value, which the screen names as such. */
export function shownValue(value: unknown, yes: string, no: string): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean') return value ? yes : no;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function linesOf(
  fields: readonly FieldChange[],
  titleOf: (field: string) => string,
  words: { yes: string; no: string },
): Line[] {
  return fields.map((it) => ({
    field: it.field,
    title: titleOf(it.field),
    before: shownValue(it.before, words.yes, words.no),
    after: shownValue(it.after, words.yes, words.no),
  }));
}

/** How much of the ground is in only one of the two shapes; null where the shape is the same. */
export function areaText(change: Pick<Change, 'changed_m2'>, language: Language): string | null {
  const m2 = change.changed_m2;
  if (m2 === null || Number(m2) === 0) return null;
  const metres = `${decimal(m2, 1)} m²`;
  if (Number(m2) < largeM2) return metres;
  return `${metres} (${quantity(Number(m2) * 0.0015, 'mu', language)})`;
}
