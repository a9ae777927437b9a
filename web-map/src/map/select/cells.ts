// What the table of selected rows says. Pure.
import type { Row } from '../../api/rows';
import type { Field } from '../../api/schema';
import { quantity, unitName, type Language } from '../../format';
import type { Label } from '../../layers/labels';
import { isNumber } from './sort';

/** A column's head: the field, and its unit where the title does not say it. */
export const headOf = (it: Field, language: Language) => {
  const title = it.title[language] || it.title.zh;
  if (!it.unit || title.includes(unitName(it.unit, language))) return title;
  return `${title} (${unitName(it.unit, language)})`;
};

/** What a cell says: a class by its name, a figure without its unit, which stands in the head. */
export function textOf(row: Row, field: Field, label: Label, language: Language): string | null {
  const value = row.values[field.name];
  if (value === null || value === undefined || typeof value === 'boolean') return null;
  const said = label(field, value);
  if (said) return said[language] || said.zh;
  return isNumber(field) ? (quantity(value, field.unit, language)?.split(' ')[0] ?? null) : String(value);
}
