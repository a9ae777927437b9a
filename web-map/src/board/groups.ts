// Groups of an answer as a ranking and as stacked parts. Pure.
import { labelOf, valueOf, type Key, type Measure, type Stats, type StatsGroup } from '../api/stats';

export type Ranked = {
  key: Key;
  rank: number | null;
  count: number;
  value: string | null;
  /** There is a sum, and it is not told. */
  withheld: boolean;
  missing: number;
};

/** Groups by a measure, the greatest first; those that tie share the better rank, those without a value come last. */
export function rank(answer: Stats, field: string, measure: Measure): Ranked[] {
  const rows = answer.groups.map((it) => toRanked(it, field, measure));
  rows.sort((a, b) => compare(a.value, b.value));
  rows.forEach((it, nth) => {
    const before = rows[nth - 1];
    const isTie = before !== undefined && it.value !== null && compare(before.value, it.value) === 0;
    it.rank = it.value === null ? null : isTie ? before.rank : nth + 1;
  });
  return rows;
}

function toRanked(group: StatsGroup, field: string, measure: Measure): Ranked {
  const value = valueOf(group, measure) ?? null;
  const missing = group.measures[labelOf(measure)]?.missing ?? 0;
  // Where no row has a figure there is nothing to withhold.
  const withheld = value === null && group.withheld && missing < group.count;
  return { key: group.key[field] ?? null, rank: null, count: group.count, value, withheld, missing };
}

/** Greatest first, missing ones last. Floats are enough to order by, and equal texts are equal. */
function compare(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return Number(b) - Number(a);
}

export type Part = { index: number; count: number; mu: string | null };

/** Of each group the classes of a legend: `field` groups, `classes` tells the class, `values` which classes there are. */
export function parts(
  answer: Stats,
  field: string,
  classes: string,
  values: readonly (readonly Key[] | null)[],
  measure: Measure,
): { key: Key; count: number; parts: Part[] }[] {
  const found = new Map<Key, { key: Key; count: number; parts: Part[] }>();
  for (const group of answer.groups) {
    const key = group.key[field] ?? null;
    const value = group.key[classes] ?? null;
    const index = values.findIndex(
      (it) => it !== null && (value === null ? it.length === 0 : it.includes(value)),
    );
    const of = found.get(key) ?? { key, count: 0, parts: [] };
    of.count += group.count;
    if (index >= 0) of.parts.push({ index, count: group.count, mu: valueOf(group, measure) ?? null });
    found.set(key, of);
  }
  const all = [...found.values()];
  all.forEach((it) => it.parts.sort((a, b) => a.index - b.index));
  return all.sort((a, b) => Number(a.key === null) - Number(b.key === null) || b.count - a.count);
}

/** A share of 1, null of nothing. */
export function share(part: number, of: number): number | null {
  return of > 0 ? part / of : null;
}
