// What the league is of, in the address: `/targets?period=2026Q2&kind=mu&as_of=2026-06-30`. Pure.
import type { Asked, Standing } from '../api/lists';
import { minus, sum } from '../lists/sums';

export const kinds = ['mu', 'plants', 'plant_m2', 'enterprises', 'tce'] as const;

/** A forged address asks for this year. */
export function readAsked(search: string, today: string): Asked {
  const query = new URLSearchParams(search);
  const period = query.get('period') ?? '';
  const kind = query.get('kind') ?? '';
  const asOf = query.get('as_of') ?? '';
  return {
    period: /^\d{4}(Q[1-4]|-(0[1-9]|1[0-2]))?$/.test(period) ? period : today.slice(0, 4),
    kind: kinds.find((it) => it === kind) ?? 'mu',
    asOf: /^\d{4}-\d{2}-\d{2}$/.test(asOf) && asOf <= today ? asOf : null,
  };
}

export function writeAsked(it: Asked): string {
  const query = new URLSearchParams({ period: it.period, kind: it.kind });
  if (it.asOf) query.set('as_of', it.asOf);
  return `?${query.toString()}`;
}

/** The periods of a year: the whole, its quarters, its months. */
export function periodsOf(year: number): string[] {
  const quarters = [1, 2, 3, 4].map((it) => `${year}Q${it}`);
  const months = Array.from({ length: 12 }, (_, nth) => `${year}-${String(nth + 1).padStart(2, '0')}`);
  return [String(year), ...quarters, ...months];
}

/** Whether the rows come to the sum, to the last digit: nobody has to take it on trust. */
export function reconciles(rows: readonly Standing[], total: Standing): boolean {
  const equal = (a: string, b: string) => minus(a, b) === '0';
  const targets = rows.flatMap((it) => it.target ?? []);
  return (
    equal(sum(rows.map((it) => it.counted)), total.counted) &&
    (targets.length === 0 ? total.target === null : equal(sum(targets), total.target ?? '0'))
  );
}
