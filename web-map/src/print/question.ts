// What a printed map is to show, from what the screen shows. Pure.
import type { Bbox, Layer, Position } from '../api/schema';
import { whereOf } from '../filter/cql';
import { classedFilter } from '../layers/classes';
import { activeTheme, anyTicked, layerView } from '../layers/order';
import type { ViewState } from '../state/url';

export const papers = ['A4', 'A3', 'A2', 'A1', 'A0'] as const;
export type Paper = (typeof papers)[number];
export const scales = [500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000] as const;

export type PrintForm = {
  paper: Paper;
  orientation: 'landscape' | 'portrait';
  /** The N of 1:N; null shows all that is in view. */
  scale: number | null;
  title: string;
};

/** Layers that the view shows, lowest first; a layer without a ticked row shows nothing. */
export function shownLayers(layers: Layer[], view: ViewState): Layer[] {
  return layers.filter(
    (it) => it.geometry !== 'none' && layerView(layers, it, view).visible && anyTicked(it, view),
  );
}

/** Only the theme's rows are ticked off in print; of other layers the legend is printed whole. */
export function printPath(
  layers: Layer[],
  view: ViewState,
  camera: { bbox: Bbox; center: Position },
  form: PrintForm,
  lang: 'zh' | 'en',
): string {
  const shown = shownLayers(layers, view);
  const theme = activeTheme(layers, view);
  const query = new URLSearchParams({ paper: form.paper, orientation: form.orientation, lang });
  query.set('layers', shown.map((it) => it.id).join(','));
  if (form.scale === null) query.set('bbox', camera.bbox.join(','));
  else {
    query.set('center', camera.center.map((it) => it.toFixed(6)).join(','));
    query.set('scale', String(form.scale));
  }
  const title = form.title.trim();
  if (title !== '') query.set('title', title);
  // A sheet narrows one layer: the theme, and without one the first whose rows are narrowed.
  const narrowed = theme && shown.includes(theme) ? theme : shown.find((it) => whereOf(it, view.where ?? []));
  const filter = narrowed ? classedFilter(narrowed, view) : null;
  if (narrowed && filter) {
    query.set('filter', filter);
    query.set('filter_layer', narrowed.id);
  }
  return `/print/map.pdf?${query.toString()}`;
}
