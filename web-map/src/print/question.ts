// What a printed map is to show, from what the screen shows. Pure.
import type { Bbox, Layer, Position } from '../api/schema';
import { activeTheme, anyTicked, layerView, tickedFilter } from '../layers/order';
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
  const filter = theme && shown.includes(theme) ? tickedFilter(theme, view) : null;
  if (theme && filter) {
    query.set('filter', filter);
    query.set('filter_layer', theme.id);
  }
  return `/print/map.pdf?${query.toString()}`;
}
