// The order of rows in a table. Pure.
import type { Row } from '../../api/rows';
import type { Field } from '../../api/schema';
import { numberOf } from '../../layers/classes';

export type Order = { field: string; isDown: boolean } | null;

export function isNumber(field: Field): boolean {
  return field.type === 'decimal' || field.type === 'integer';
}

/** Missing figures come last, whichever way: none is the least. */
export function compareRows({ field, isDown }: NonNullable<Order>): (a: Row, b: Row) => number {
  const text = new Intl.Collator('zh-CN', { numeric: true });
  return (a, b) => {
    const [one, other] = [a.values[field] ?? null, b.values[field] ?? null];
    if (one === null || other === null) return one === other ? a.id - b.id : one === null ? 1 : -1;
    const [x, y] = [numberOf(one), numberOf(other)];
    const order = x !== null && y !== null ? x - y : text.compare(String(one), String(other));
    return (isDown ? -order : order) || a.id - b.id;
  };
}
