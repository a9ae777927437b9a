// What the conditions leave of a legend: counts and land of its rows, as the server sums them.
import { useQueries } from '@tanstack/react-query';
import { statsQuery } from '../api/stats';
import type { Layer } from '../api/schema';
import { muField } from '../layers/classes';
import { useView } from '../state/view';
import { both, whereOf } from './cql';

export type RowSum = { count: number | null; area_mu: string | null };

/** By the legend's order, null where it is not known (yet); null at all where nothing narrows the layer. */
export function useNarrowedRows(layer: Layer): (RowSum | null)[] | null {
  const where = whereOf(
    layer,
    useView((it) => it.where),
  );
  const mu = muField(layer);
  const asked = where === null ? [] : layer.legend;
  const answers = useQueries({
    queries: asked.map((row) => ({
      ...statsQuery({
        layer: layer.id,
        filter: both(row.filter === null ? null : `(${row.filter})`, where) ?? '',
        ...(mu === null ? {} : { measures: [{ sum: mu }] }),
      }),
      retry: false,
    })),
  });
  if (where === null) return null;
  return answers.map(({ data }) =>
    data
      ? {
          count: data.total.count,
          area_mu: mu === null ? null : (data.total.measures[`sum_${mu}`]?.value ?? null),
        }
      : null,
  );
}
