// What marks features of the map: the one under the pointer, those that are chosen, the open parcel, a place that was searched.
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';
import type { Layer } from '../api/schema';
import { layerView } from '../layers/order';
import type { ViewState } from '../state/url';

const ink = '#101820';
/** A state of features that the style reads. */
export const chosenState = 'chosen';
const chosenColour = '#ffe14d';
/** Around it, so that it is seen on any class and on any plan. */
const chosenCasing = '#1b2733';
export const ringSource = '~selection';
export const pinSource = '~pin';

/**
 * A ring for every feature, which only feature-state gives a width, so that no tile is parsed again. Even without width all
 * their corners are computed in every frame, so that none is drawn before one `isWanted`: a constant opacity changes at
 * once. Alike in all that shapes a line, the rings of a layer and mostly its own outlines share what a tile holds of them.
 */
function rings(layer: Layer, isVisible: boolean, isWanted: boolean) {
  return {
    source: layer.id,
    'source-layer': layer.id,
    minzoom: layer.zooms.min,
    layout: { 'line-join': 'round', visibility: isVisible ? 'visible' : 'none' },
    opacity: { 'line-opacity': isWanted ? 1 : 0 },
  } as const;
}

/** What was selected. */
export function chosenRings(layer: Layer, isWanted: boolean): LayerSpecification[] {
  const at = (width: number) => ['case', ['boolean', ['feature-state', chosenState], false], width, 0];
  // Thinner where a parcel is a few pixels: a thousand full rings would hide what they stand around.
  const chosen = (width: number) => {
    const widths = ['interpolate', ['linear'], ['zoom'], 11.5, at(width * 0.45), 14.5, at(width)];
    return widths as unknown as ExpressionSpecification;
  };
  const { opacity, ...of } = rings(layer, true, isWanted);
  return [
    {
      id: '~chosen-casing',
      type: 'line',
      ...of,
      paint: { ...opacity, 'line-color': chosenCasing, 'line-width': chosen(5) },
    },
    {
      id: '~chosen',
      type: 'line',
      ...of,
      paint: { ...opacity, 'line-color': chosenColour, 'line-width': chosen(2.4) },
    },
  ];
}

/** What the pointer is on. */
export function hoverRing(
  layer: Layer,
  layers: Layer[],
  view: ViewState,
  isWanted: boolean,
): LayerSpecification {
  const { opacity, ...of } = rings(layer, layerView(layers, layer, view).visible, isWanted);
  return {
    id: `~hover-${layer.id}`,
    type: 'line',
    ...of,
    paint: {
      ...opacity,
      'line-color': ink,
      'line-width': ['case', ['boolean', ['feature-state', 'hover'], false], 1.8, 0],
    },
  };
}

/** The open parcel from its dossier: whole at every zoom, also where no tile layer shows it. */
export const selectionRing: LayerSpecification[] = [
  {
    id: '~ring-casing',
    type: 'line',
    source: ringSource,
    layout: { 'line-join': 'round' },
    paint: { 'line-color': '#ffffff', 'line-width': 6 },
  },
  {
    id: '~ring',
    type: 'line',
    source: ringSource,
    layout: { 'line-join': 'round' },
    paint: { 'line-color': ink, 'line-width': 2.6 },
  },
];

export const pinLayer: LayerSpecification = {
  id: '~pin',
  type: 'circle',
  source: pinSource,
  paint: {
    'circle-radius': 6,
    'circle-color': '#c2281d',
    'circle-stroke-color': '#ffffff',
    'circle-stroke-width': 2.5,
  },
};
