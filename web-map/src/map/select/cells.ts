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

/** The row under the pointer, as the map shows what is under it. */
function useHover(layer: Layer): (id: number | null) => void {
  const map = useMapStore((it) => it.map);
  const before = useRef<number | null>(null);
  return (id) => {
    if (!map || before.current === id || !map.getSource(layer.id)) return;
    const of = { source: layer.id, sourceLayer: layer.id };
    if (before.current !== null) map.removeFeatureState({ ...of, id: before.current }, 'hover');
    if (id !== null) map.setFeatureState({ ...of, id }, { hover: true });
    before.current = id;
  };
}
