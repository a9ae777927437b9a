// The whole style as a pure function of the layer tree and the view. The map is only ever changed by
// setting this style anew; MapLibre works out the difference.
import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from 'maplibre-gl';
import type { Geometry } from 'geojson';
import type { Layer, LegendRow, Match, Position, StyleLayer } from '../api/schema';
import { missingClass } from '../layers/classes';
import { drawOrder, hiddenRows, layerView } from '../layers/order';
import { coloursOf, missingColour } from '../layers/ramps';
import { roomy, tilesOf } from '../live/tiles';
import { own, toAddress, type Base } from '../state/base';
import type { ViewState } from '../state/url';
import { opacityOf, scaleOpacity } from './opacity';
import { patternImage } from './patterns';
import { chosenRings, hoverRing, pinLayer, pinSource, ringSource, selectionRing } from './rings';

export type Highlight = {
  ring: Geometry | null;
  pin: Position | null;
  /** The layer whose features can be selected. */
  choosable?: string | null;
  /** Whether some of them are. */
  hasChosen?: boolean;
  /** Whether something pointed at features already. */
  isPointedAt?: boolean;
};

export const noHighlight: Highlight = { ring: null, pin: null };

const paper = '#f2f3f1';
/** Below this a parcel is too small for a hatch to be more than noise. */
const patternMinZoom = 12;
/** A state of features. */
export const classState = 'class';
/** Stands for no class at all; `missingClass` is one. */
const noClass = -2;

export function buildStyle(
  layers: Layer[],
  view: ViewState,
  highlight: Highlight = noHighlight,
  base: Base = own,
): StyleSpecification {
  const { ring, pin, choosable, hasChosen = false, isPointedAt = false } = highlight;
  const readable = layers.filter((it) => it.readable);
  const drawn = readable
    .flatMap((layer) => stylesOf(layer, view).map((style) => ({ layer, style })))
    .map((it) => ({ ...it, order: drawOrder(it.layer, it.style) }))
    .sort((a, b) => a.order - b.order);
  const styled = (wanted: (order: number) => boolean) =>
    drawn.filter((it) => wanted(it.order)).map((it) => styleLayer(layers, it.layer, it.style, view));

  return {
    version: 8,
    name: 'one-map',
    transition: { duration: 0, delay: 0 },
    sources: {
      ...Object.fromEntries(readable.map((it) => [it.id, tileSource(it, base)])),
      [ringSource]: oneFeature(ring),
      [pinSource]: oneFeature(pin && { type: 'Point', coordinates: pin }),
    },
    layers: [
      { id: '~paper', type: 'background', paint: { 'background-color': paper } },
      // Rings go over all areas, lines and points, and under the labels.
      ...styled((order) => order < 30),
      ...readable.filter((it) => it.identify).map((it) => hoverRing(it, layers, view, isPointedAt)),
      ...readable.filter((it) => it.id === choosable).flatMap((it) => chosenRings(it, hasChosen)),
      ...selectionRing,
      ...styled((order) => order >= 30),
      pinLayer,
    ],
  };
}

/** Ids of the layers whose features answer a click, topmost first. */
export function identifiable(layers: Layer[], view: ViewState): { layer: Layer; styleIds: string[] }[] {
  return layers
    .filter((it) => it.identify && layerView(layers, it, view).visible)
    .map((layer) => ({
      layer,
      order: Math.max(0, ...layer.style.map((it) => drawOrder(layer, it))),
      styleIds: layer.style.filter((it) => it.type !== 'symbol').map((it) => it.id),
    }))
    .sort((a, b) => b.order - a.order);
}

/** A layer's own style; under a theme its fills make room for the theme's classes. */
function stylesOf(layer: Layer, view: ViewState): StyleLayer[] {
  if (view.theme?.layer !== layer.id) return [...layer.style, ...patternFills(layer)];
  const lines = layer.style.filter((it) => it.type !== 'fill');
  return [...classFills(coloursOf(view.theme.ramp, view.theme.classes), layer), ...lines];
}

/**
 * Classes are states of features: other bounds change the states of those that turn, and no tile is fetched or parsed
 * again. What has no state is not of the set that is classed, and is not painted.
 */
function classFills(colours: readonly string[], layer: Layer): StyleLayer[] {
  const state = ['coalesce', ['feature-state', classState], noClass];
  const paints = colours.flatMap((it, nth) => [nth, it]);
  return [
    {
      id: `~classes-${layer.id}`,
      type: 'fill',
      paint: {
        'fill-color': ['match', state, ...paints, missingColour],
        'fill-opacity': ['case', ['==', state, noClass], 0, 0.85],
        'fill-antialias': false,
      },
    },
    {
      id: `~classes-missing-${layer.id}`,
      type: 'fill',
      minzoom: patternMinZoom,
      paint: {
        'fill-pattern': patternImage('dots'),
        'fill-opacity': ['case', ['==', state, missingClass], 1, 0],
      },
    },
  ] as unknown as StyleLayer[];
}

function tileSource(layer: Layer, base: Base): SourceSpecification {
  return {
    type: 'vector',
    // Without a revision: the style stays as it is when rows change (`live/tiles`).
    tiles: [toAddress(tilesOf(layer), base)],
    minzoom: layer.zooms.min,
    maxzoom: layer.zooms.max,
    ...(layer.data.bounds ? { bounds: roomy(layer.data.bounds) } : {}),
  };
}

function oneFeature(geometry: Geometry | null): SourceSpecification {
  return {
    type: 'geojson',
    data: {
      type: 'FeatureCollection',
      features: geometry ? [{ type: 'Feature', properties: {}, geometry }] : [],
    },
  };
}

function styleLayer(layers: Layer[], layer: Layer, style: StyleLayer, view: ViewState): LayerSpecification {
  const { visible, opacity } = layerView(layers, layer, view);
  const paint: Record<string, unknown> = { ...style.paint };
  if (opacity < 1) {
    for (const key of opacityOf[style.type] ?? []) paint[key] = scaleOpacity(paint[key] ?? 1, opacity);
  }
  const filter = withoutRows(style.filter as FilterSpecification | undefined, hiddenRows(layer, view));
  return {
    ...style,
    source: layer.id,
    'source-layer': style['source-layer'] ?? layer.id,
    layout: { ...style.layout, visibility: visible ? 'visible' : 'none' },
    paint,
    ...(filter ? { filter } : {}),
  } as LayerSpecification;
}

/** The legend's hatches, laid over the fills of the classes they belong to. */
function patternFills(layer: Layer): StyleLayer[] {
  if (layer.geometry !== 'polygon') return [];
  return layer.legend.flatMap((row, index): StyleLayer[] => {
    const image = patternImage(row.pattern);
    const one = layer.legend.length === 1;
    if (!image || (!one && !row.match)) return [];
    const filter = row.match ? { filter: matches(row.match) } : {};
    const paint = { 'fill-pattern': image };
    return [{ id: `~pattern-${layer.id}-${index}`, type: 'fill', minzoom: patternMinZoom, paint, ...filter }];
  });
}

/**
 * Values are compared as text: a class may be an integer in the tile and a word in the legend. No values
 * stand for features without one; a tile leaves the property out then.
 */
function matches({ field, values }: Match): ExpressionSpecification {
  if (values.length === 0) return ['==', ['get', field], null];
  return ['in', ['to-string', ['get', field]], ['literal', values.map(String)]];
}

function withoutRows(
  filter: FilterSpecification | undefined,
  hidden: LegendRow[],
): FilterSpecification | undefined {
  const not = hidden.flatMap((it): ExpressionSpecification[] => (it.match ? [['!', matches(it.match)]] : []));
  if (not.length === 0) return filter;
  return ['all', ...(filter === undefined ? [] : [filter]), ...not] as FilterSpecification;
}
