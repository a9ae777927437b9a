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

/** What was selected: seen through its width alone, as hover is. */
export function chosenRings(layer: Layer): LayerSpecification[] {
  const at = (width: number) => ['case', ['boolean', ['feature-state', chosenState], false], width, 0];
  // Thinner where a parcel is a few pixels: a thousand full rings would hide what they stand around.
  const chosen = (width: number) => {
    const widths = ['interpolate', ['linear'], ['zoom'], 11.5, at(width * 0.45), 14.5, at(width)];
    return widths as unknown as ExpressionSpecification;
  };
  const of = { source: layer.id, 'source-layer': layer.id };
  return [
    {
      id: '~chosen-casing',
      type: 'line',
      ...of,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': chosenCasing, 'line-width': chosen(5) },
    },
    {
      id: '~chosen',
      type: 'line',
      ...of,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': chosenColour, 'line-width': chosen(2.4) },
    },
  ];
}

/**
 * Hover of a layer: a line that only feature-state gives a width, so that no tile is parsed again. Without
 * width nothing is rasterised, where a transparent line would be, for every parcel in view.
 */
export function hoverRing(layer: Layer, layers: Layer[], view: ViewState): LayerSpecification {
  return {
    id: `~hover-${layer.id}`,
    type: 'line',
    source: layer.id,
    'source-layer': layer.id,
    layout: {
      'line-join': 'round',
      visibility: layerView(layers, layer, view).visible ? 'visible' : 'none',
    },
    paint: {
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
