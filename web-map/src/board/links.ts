// Links from marks on the board into the map, which then shows one theme and of it what the mark stands for. Pure.
import type { Layer, LayerTree } from '../api/schema';
import { emptyView, writeView, type LayerView } from '../state/url';

/** One theme, of which only some classes are drawn; all of them without `rows`. */
export function themeOnMap(tree: LayerTree, theme: Layer, rows?: readonly number[]): string {
  const hidden = rows
    ? theme.legend.flatMap((it, nth) => (it.match && !rows.includes(nth) ? [nth] : []))
    : [];
  return `/${writeView({ ...emptyView, layers: only(tree, theme), hidden: { [theme.id]: hidden } })}`;
}

/** The theme is switched on and the others off; what lies beside themes stays as it is. */
function only(tree: LayerTree, shown: Layer): Record<string, LayerView> {
  const others = tree.layers.filter((it) => it.role === 'theme' && it.id !== shown.id && it.visible);
  return Object.fromEntries([
    ...others.map((it) => [it.id, { visible: false, opacity: 1 }]),
    [shown.id, { visible: true, opacity: 1 }],
  ]) as Record<string, LayerView>;
}
