// Links from marks on the board into the map, which then shows one theme and of it what the mark stands for. Pure.
import type { Layer, LayerTree } from '../api/schema';
import { emptyView, writeView, type LayerView } from '../state/url';
import { isText, type Where } from '../state/where';
import type { Key } from '../api/stats';

/** One theme, of which only some classes are drawn, all of them without `rows`, and only what fits the conditions. */
export function themeOnMap(
  tree: LayerTree,
  theme: Layer,
  rows?: readonly number[],
  where: Where = [],
): string {
  const hidden = rows
    ? theme.legend.flatMap((it, nth) => (it.match && !rows.includes(nth) ? [nth] : []))
    : [];
  return `/${writeView({ ...emptyView, layers: only(tree, theme), hidden: { [theme.id]: hidden }, where })}`;
}

/** The rows of a group, as a condition of the map. */
export function groupOf(field: string, key: Key): Where {
  return [{ kind: 'in', field, values: [key === null ? null : String(key)] }];
}

/** The rows that a filter leaves, on the map; null where a map has nothing of them or a link cannot hold the filter. */
export function rowsOnMap(tree: LayerTree, layer: Layer, filter: string | null): string | null {
  if (layer.geometry === 'none') return null;
  if (filter === null) return themeOnMap(tree, layer);
  return isText(filter)
    ? themeOnMap(tree, layer, undefined, [{ kind: 'cql', layer: layer.id, text: filter }])
    : null;
}

/** The theme is switched on and the others off; what lies beside themes stays as it is. */
function only(tree: LayerTree, shown: Layer): Record<string, LayerView> {
  const others = tree.layers.filter((it) => it.role === 'theme' && it.id !== shown.id && it.visible);
  return Object.fromEntries([
    ...others.map((it) => [it.id, { visible: false, opacity: 1 }]),
    [shown.id, { visible: true, opacity: 1 }],
  ]) as Record<string, LayerView>;
}
