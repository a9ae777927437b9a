// How far a list is from its target. Pure.
import type { List, Standings } from '../api/lists';
import { canonical, minus } from './sums';

export type Distance = {
  target: string;
  /** What is missing, or what there is beyond the target. */
  gap: string;
  isShort: boolean;
  /** Parts of the target, for bars. */
  listed: number;
  counted: number;
};

/** Against the target of the list's unit; a list of the district, against the sum of all units. Null without a target. */
export function distance(
  list: Pick<List, 'responsible_unit' | 'area_mu' | 'counted_mu'>,
  standings: Pick<Standings, 'rows' | 'total'>,
): Distance | null {
  const row =
    list.responsible_unit === null
      ? standings.total
      : standings.rows.find((it) => it.unit === list.responsible_unit);
  const target = row?.target ?? null;
  if (target === null) return null;
  const gap = minus(target, list.area_mu);
  const isShort = !gap.startsWith('-') && gap !== '0';
  const part = (it: string) => (Number(target) > 0 ? Number(it) / Number(target) : 1);
  return {
    target: canonical(target),
    gap: gap.replace('-', ''),
    isShort,
    listed: part(list.area_mu),
    counted: part(list.counted_mu),
  };
}
