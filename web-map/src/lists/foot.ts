// The sums at the foot of the table: of the rows as they are shown, or the server's while rows are still on their way.
import { useMemo } from 'react';
import type { Case, Totals } from '../api/lists';
import { summed } from './columns';
import { shownRow } from './sheet';
import { useStore } from './store';
import { sum } from './sums';

type Sums = Readonly<Partial<Record<keyof Case, string>>>;

export function sumsOf(rows: readonly Case[]): Sums {
  return Object.fromEntries(summed.map(({ id }) => [id, sum(rows.map((it) => it[id] as string | null))]));
}

export function useFoot(): { count: number; sums: Sums } {
  const { sheet, total, isLoaded } = useStore();
  return useMemo(() => {
    if (!isLoaded && total) {
      const sums = summed.map(({ id }) => [id, sum([total[id as keyof Totals] as string])]);
      return { count: total.cases, sums: Object.fromEntries(sums) as Sums };
    }
    const rows = sheet.order
      .flatMap((code) => shownRow(sheet, code) ?? [])
      .filter((it) => it.state !== 'removed');
    return { count: rows.length, sums: sumsOf(rows) };
  }, [sheet, total, isLoaded]);
}
