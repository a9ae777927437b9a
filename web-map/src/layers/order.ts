// What is drawn on top of what, and what a view shows of each layer. Pure; knows roles, never a layer.
import type { Draw, Layer, LegendRow, Role, StyleLayer } from '../api/schema';
import type { LayerView, ViewState } from '../state/url';

const drawRank: Record<Draw, number> = { area: 0, line: 1, point: 2, label: 3 };
const roleRank: Record<Role, number> = { base: 0, overlay: 1, theme: 2 };
const typeRank: Record<string, number> = { fill: 0, line: 1, circle: 2, symbol: 3 };

/** Areas under lines under points under labels; among equals, base under overlay under theme. */
export function drawOrder(layer: Layer, style: StyleLayer): number {
  const draw = Math.max(drawRank[layer.draw], typeRank[style.type] ?? 0);
  return draw * 10 + roleRank[layer.role];
}

export function themesOf(layers: Layer[]): Layer[] {
  return layers.filter((it) => it.role === 'theme');
}

/** At most one theme shows; a link that asks for several gets the first. */
export function activeTheme(layers: Layer[], view: ViewState): Layer | null {
  const wanted = themesOf(layers).filter((it) => it.readable && (view.layers[it.id]?.visible ?? it.visible));
  return wanted.find((it) => view.layers[it.id]?.visible) ?? wanted[0] ?? null;
}

export function layerView(layers: Layer[], layer: Layer, view: ViewState): LayerView {
  const touched = view.layers[layer.id];
  const opacity = touched?.opacity ?? 1;
  if (!layer.readable) return { visible: false, opacity };
  if (layer.role === 'theme') return { visible: activeTheme(layers, view) === layer, opacity };
  return { visible: touched?.visible ?? layer.visible, opacity };
}

export function hiddenRows(layer: Layer, view: ViewState): LegendRow[] {
  return (view.hidden[layer.id] ?? []).flatMap((it) => layer.legend[it] ?? []);
}

/** CQL2 of the rows that are ticked: null when all are, so that nothing needs filtering. */
export function tickedFilter(layer: Layer, view: ViewState): string | null {
  const hidden = new Set(view.hidden[layer.id] ?? []);
  const ticked = layer.legend.filter((_, row) => !hidden.has(row));
  if (ticked.length === layer.legend.length) return null;
  return ticked.flatMap((it) => (it.filter === null ? [] : [`(${it.filter})`])).join(' OR ');
}

export function anyTicked(layer: Layer, view: ViewState): boolean {
  const hidden = new Set(view.hidden[layer.id] ?? []);
  return layer.legend.length === 0 || layer.legend.some((_, row) => !hidden.has(row));
}
