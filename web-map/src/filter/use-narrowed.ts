// What each layer's tiles are narrowed to. A typed text is told to them only once the server has understood it: until then, and
// where it cannot be used, nothing is shown, since other rows than were meant would be worse than none.
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { LayerTree } from '../api/schema';
import { statsQuery } from '../api/stats';
import type { Condition } from '../state/where';
import { useView } from '../state/view';
import { whereOf } from './cql';

const nothing = '1 = 0';

export type Narrowed = {
  /** CQL2 text by layer. */
  filters: ReadonlyMap<string, string>;
  /** Typed conditions that the server refused, and why. */
  refused: readonly { condition: Condition; error: Error }[];
};

export function useNarrowed(tree: LayerTree | null): Narrowed {
  const where = useView((it) => it.where);
  const typed = useMemo(
    () =>
      where.flatMap((it) =>
        it.kind === 'cql' && tree?.layers.some(({ id, readable }) => id === it.layer && readable) ? [it] : [],
      ),
    [where, tree],
  );
  const checked = useQueries({
    queries: typed.map((it) => ({ ...statsQuery({ layer: it.layer, filter: it.text }), retry: false })),
    combine: (answers) => answers.map(({ isSuccess, error }) => ({ isSuccess, error })),
  });
  return useMemo(() => {
    const open = new Set(typed.filter((_, nth) => !checked[nth]?.isSuccess).map((it) => it.layer));
    const filters = new Map<string, string>();
    for (const layer of tree?.layers ?? []) {
      const text = open.has(layer.id) ? nothing : whereOf(layer, where);
      if (text !== null) filters.set(layer.id, text);
    }
    const refused = typed.flatMap((condition, nth) => {
      const error = checked[nth]?.error;
      return error ? [{ condition, error }] : [];
    });
    return { filters, refused };
  }, [tree, where, typed, checked]);
}
