// What is compared at first, when nobody has chosen yet. Pure.
import type { LayerTree } from '../api/schema';
import { activeTheme, themesOf } from '../layers/order';
import { parcelLayer } from '../lists/layers';
import type { CompareView, ViewState } from '../state/url';

/** The theme that is on against the next one; without themes the register against itself. */
export function firstCompare(tree: LayerTree, view: ViewState): CompareView | null {
  const themes = themesOf(tree.layers).filter((it) => it.readable);
  const one = activeTheme(tree.layers, view) ?? themes[0] ?? parcelLayer(tree);
  if (!one) return null;
  const other = themes.find((it) => it !== one) ?? one;
  const now = { kind: 'now' as const };
  return {
    mode: 'swipe',
    at: 0.5,
    left: { layer: one.id, of: now },
    right: { layer: other.id, of: now },
    difference: true,
  };
}
