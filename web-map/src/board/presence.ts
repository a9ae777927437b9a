// How complete facts are, by group, out of the counts that the server gave. Pure.
import type { Field } from '../api/schema';
import { valueOf, type Key, type Stats } from '../api/stats';

export type Cell = { known: number; rows: number };
export type Fact = { field: Field; total: Cell; cells: Cell[] };

/** Facts as they are declared, groups by size; the answers to one question in parts have the same groups. */
export function completeness(
  answers: readonly Stats[],
  groupBy: string | null,
  fields: readonly Field[],
): { groups: { key: Key; count: number }[]; rows: Fact[] } {
  const keyOf = (it: { key: Record<string, Key> }) => (groupBy === null ? null : (it.key[groupBy] ?? null));
  const groups =
    groupBy === null ? [] : (answers[0]?.groups ?? []).map((it) => ({ key: keyOf(it), count: it.count }));
  groups.sort((a, b) => Number(a.key === null) - Number(b.key === null) || b.count - a.count);
  const rows = fields.flatMap((field) => {
    const measure = { count: field.name };
    const answer = answers.find((it) => valueOf(it.total, measure) !== undefined);
    if (!answer) return [];
    const cell = (it: Stats['total']): Cell => ({
      known: Number(valueOf(it, measure) ?? 0),
      rows: it.count,
    });
    const cells = groups.map(({ key }) => {
      const group = answer.groups.find((it) => keyOf(it) === key);
      return group ? cell(group) : { known: 0, rows: 0 };
    });
    return [{ field, total: cell(answer.total), cells }];
  });
  return { groups, rows };
}

/** Known cells of all that there could be, of 1; null where there are no rows. */
export function overall(rows: readonly Fact[]): number | null {
  const known = rows.reduce((sum, it) => sum + it.total.known, 0);
  const whole = rows.reduce((sum, it) => sum + it.total.rows, 0);
  return whole > 0 ? known / whole : null;
}
