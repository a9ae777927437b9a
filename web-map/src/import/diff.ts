// One change as it is read: field by field, before and after. Pure.
import type { Change, FieldChange } from '../api/schema';
import { decimal, quantity, type Language } from '../format';

/** From here on an area is also said in mu: half a mu. */
const largeM2 = 333;
/** The field that stands for a row's outline. */
const shape = 'geom';

export type Line = { field: string; title: string; before: string | null; after: string | null };

/** Null is a missing value, which the screen names as such. */
export function shownValue(value: unknown, yes: string, no: string): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean') return value ? yes : no;
  if (Array.isArray(value)) return JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  // What no field takes, kept by its header.
  const kept = Object.entries(value as Record<string, unknown>);
  return kept.map(([header, it]) => `${header}：${shownValue(it, yes, no) ?? ''}`).join('；') || null;
}

export function linesOf(
  fields: readonly FieldChange[],
  titleOf: (field: string) => string,
  words: { yes: string; no: string },
): Line[] {
  // Of a shape only a digest is told; how much of the ground differs says more.
  return fields
    .filter((it) => it.field !== shape)
    .map((it) => ({
      field: it.field,
      title: titleOf(it.field),
      before: shownValue(it.before, words.yes, words.no),
      after: shownValue(it.after, words.yes, words.no),
    }));
}

/** Whether the outline is among what changed. */
export function changesShape(fields: readonly FieldChange[]): boolean {
  return fields.some((it) => it.field === shape);
}

/** How much of the ground is in only one of the two shapes; null where the shape is the same. */
export function areaText(change: Pick<Change, 'changed_m2'>, language: Language): string | null {
  const m2 = change.changed_m2;
  if (m2 === null || Number(m2) === 0) return null;
  const metres = `${decimal(m2, 1)} m²`;
  if (Number(m2) < largeM2) return metres;
  return `${metres} (${quantity(Number(m2) * 0.0015, 'mu', language)})`;
}
