// The style of an import's own map: the layer as it is now, pale, and the shapes of findings or changes above it. Pure.
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Feature, FeatureCollection, Geometry } from 'geojson';
import type { Bbox, Layer } from '../api/schema';
import { buildStyle } from '../map/draw';
import type { Base } from '../state/base';

/** One class of shapes; the dash tells it apart where colours cannot. Dash in widths of the line. */
export type ShapeClass = { value: string; colour: string; dash: [number, number] | null };

/** Each with its name in the property `shape`, which the row has, too. */
export type Shapes = FeatureCollection<Geometry | null, Record<string, unknown>>;

/** The property that tells the classes apart. */
export type Look = { member: string; classes: readonly ShapeClass[] };

export const findingLook: Look = {
  member: 'severity',
  classes: [
    { value: 'warning', colour: '#8a5a00', dash: [2.2, 1.4] },
    { value: 'error', colour: '#b42a20', dash: null },
  ],
};

export const changeLook: Look = {
  member: 'kind',
  classes: [
    { value: 'missing', colour: '#6a4a9c', dash: [0.7, 1.3] },
    { value: 'changed', colour: '#8a5a00', dash: [2.6, 1.4] },
    { value: 'added', colour: '#1a6b45', dash: null },
  ],
};

const source = '~shapes';
const lineWidth = 2.4;

export function shapeStyle(
  layers: readonly Layer[],
  into: string,
  shapes: Shapes,
  look: Look,
  chosen: string | null,
  base?: Base,
): StyleSpecification {
  // Themes and overlays would only hide what this is about.
  const beneath = layers.filter((it) => it.id === into || it.role === 'base');
  const view = { layers: { [into]: { visible: true, opacity: 0.5 } }, hidden: {}, sel: null };
  const style = buildStyle(beneath, view, undefined, base);
  return {
    ...style,
    sources: { ...style.sources, [source]: { type: 'geojson', data: drawable(shapes) } },
    layers: [
      ...style.layers,
      ...look.classes.flatMap((it) => classLayers(look, it)),
      ...(chosen === null ? [] : chosenLayers(chosen)),
    ],
  };
}

function classLayers(look: Look, it: ShapeClass): LayerSpecification[] {
  const of = ['==', ['get', look.member], it.value];
  return [
    {
      id: `~fill-${it.value}`,
      type: 'fill',
      source,
      filter: ['all', of, ['==', ['geometry-type'], 'Polygon']] as never,
      paint: { 'fill-color': it.colour, 'fill-opacity': 0.22 },
    },
    {
      id: `~line-${it.value}`,
      type: 'line',
      source,
      filter: ['all', of, ['!=', ['geometry-type'], 'Point']] as never,
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': it.colour,
        'line-width': lineWidth,
        ...(it.dash ? { 'line-dasharray': it.dash } : {}),
      },
    },
    {
      id: `~point-${it.value}`,
      type: 'circle',
      source,
      filter: ['all', of, ['==', ['geometry-type'], 'Point']] as never,
      // An outline only, or a full dot: told apart without colours, too.
      paint: {
        'circle-radius': 6,
        'circle-color': it.dash ? '#ffffff' : it.colour,
        'circle-stroke-color': it.dash ? it.colour : '#ffffff',
        'circle-stroke-width': 2.4,
      },
    },
  ];
}

function chosenLayers(chosen: string): LayerSpecification[] {
  const filter = ['==', ['get', 'shape'], chosen] as never;
  const point = ['all', filter, ['==', ['geometry-type'], 'Point']] as never;
  return [
    {
      id: '~chosen-casing',
      type: 'line',
      source,
      filter,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': '#ffffff', 'line-width': 8 },
    },
    {
      id: '~chosen',
      type: 'line',
      source,
      filter,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': '#101820', 'line-width': 3.4 },
    },
    {
      id: '~chosen-point',
      type: 'circle',
      source,
      filter: point,
      paint: {
        'circle-radius': 11,
        'circle-color': '#101820',
        'circle-opacity': 0,
        'circle-stroke-color': '#101820',
        'circle-stroke-width': 3,
      },
    },
  ];
}

/** The server's features by their own ids. */
export function named(collection: FeatureCollection<Geometry | null>): Shapes {
  const features = collection.features.map((it) => ({
    ...it,
    properties: { ...it.properties, shape: String(it.id ?? '') },
  }));
  return { type: 'FeatureCollection', features };
}

export type Boxed = { shape: string; bbox: Bbox | null; properties: Record<string, unknown> };

/** Rows as the boxes around their places: all that is known of them where the outlines would be too many to fetch. */
export function boxes(rows: readonly Boxed[]): Shapes {
  const features = rows.flatMap(({ shape, bbox, properties }): Shapes['features'] => {
    if (!bbox) return [];
    const [west, south, east, north] = bbox;
    const corners = [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ];
    const point = west === east && south === north;
    return [
      {
        type: 'Feature',
        properties: { ...properties, shape },
        geometry: point
          ? { type: 'Point', coordinates: [west, south] }
          : { type: 'Polygon', coordinates: [corners] },
      },
    ];
  });
  return { type: 'FeatureCollection', features };
}

/** Ids of the style's layers that answer a click. */
export function clickable(look: Look): string[] {
  return look.classes.flatMap((it) => ['fill', 'line', 'point'].map((kind) => `~${kind}-${it.value}`));
}

function drawable(shapes: Shapes): FeatureCollection {
  const features = shapes.features.filter(
    (it): it is Feature<Geometry, Record<string, unknown>> => it.geometry !== null,
  );
  return { type: 'FeatureCollection', features };
}

/** The extent of shapes, or null where none has a place. */
export function boundsOf(geometries: readonly (Geometry | null)[]): Bbox | null {
  const bounds: Bbox = [Infinity, Infinity, -Infinity, -Infinity];
  const add = (it: unknown): void => {
    if (!Array.isArray(it)) return;
    const [lon, lat] = it as unknown[];
    if (typeof lon !== 'number' || typeof lat !== 'number') return it.forEach(add);
    // Broken coordinates are what some findings are about; the map cannot go there.
    if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 85)) return;
    bounds[0] = Math.min(bounds[0], lon);
    bounds[1] = Math.min(bounds[1], lat);
    bounds[2] = Math.max(bounds[2], lon);
    bounds[3] = Math.max(bounds[3], lat);
  };
  const walk = (it: Geometry | null): void => {
    if (it?.type === 'GeometryCollection') return it.geometries.forEach(walk);
    if (it) add(it.coordinates);
  };
  geometries.forEach(walk);
  return bounds[0] <= bounds[2] ? bounds : null;
}
