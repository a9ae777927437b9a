// One of two maps: its style, what it is called, and what of the other it differs from. Pure.
import type { Feature, FeatureCollection } from 'geojson';
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Layer } from '../api/schema';
import { buildStyle, type Highlight } from '../map/draw';
import { kindColours, kindOf, verdictColour, type Kind, type Verdict } from '../scenarios/flips';
import { own, type Base } from '../state/base';
import type { SideView, ViewState } from '../state/url';

/** The view that a side shows: its layer, and what lies under and over it in the one map. */
export function viewOf(layers: readonly Layer[], view: ViewState, side: SideView): ViewState {
  const themes = layers.filter((it) => it.role === 'theme');
  const off = Object.fromEntries(themes.map((it) => [it.id, { visible: false, opacity: 1 }]));
  const opacity = view.layers[side.layer]?.opacity ?? 1;
  const hasClasses = view.theme?.layer === side.layer && side.of.kind === 'now';
  return {
    layers: { ...view.layers, ...off, [side.layer]: { visible: true, opacity } },
    hidden: view.hidden,
    where: view.where ?? [],
    sel: null,
    theme: hasClasses ? (view.theme ?? null) : null,
  };
}

/** Verdicts that a side has other than the tiles, by the parcel's id. */
export type Verdicts = ReadonlyMap<number, { shown: Verdict; own: Verdict }>;
export type Differences = ReadonlyMap<number, Kind>;

/** Where the two sides' verdicts differ: newly low, low no more, other. */
export function differencesOf(left: Verdicts, right: Verdicts): Differences {
  const found = new Map<number, Kind>();
  for (const id of new Set([...left.keys(), ...right.keys()])) {
    const shown = left.get(id)?.shown ?? right.get(id)?.shown;
    const [before, after] = [left.get(id)?.own ?? shown, right.get(id)?.own ?? shown];
    if (before !== undefined && after !== undefined && before !== after) found.set(id, kindOf(before, after));
  }
  return found;
}

export type DayChange = 'in' | 'out' | 'other';

/** Of two days: rows that came, went, or have another outline or other values. `null` where a day is not there yet. */
export function changesOf(
  left: FeatureCollection,
  right: FeatureCollection,
): { feature: Feature; kind: DayChange }[] {
  const before = new Map(left.features.map((it) => [it.id, it]));
  const after = new Set(right.features.map((it) => it.id));
  const same = (a: Feature, b: Feature) =>
    JSON.stringify([a.geometry, a.properties]) === JSON.stringify([b.geometry, b.properties]);
  return [
    ...right.features.flatMap((it): { feature: Feature; kind: DayChange }[] => {
      const old = before.get(it.id);
      if (!old) return [{ feature: it, kind: 'in' }];
      return same(old, it) ? [] : [{ feature: it, kind: 'other' }];
    }),
    ...left.features.filter((it) => !after.has(it.id)).map((feature) => ({ feature, kind: 'out' as const })),
  ];
}

const daySource = '~day';
const changedSource = '~changed';

type Given = {
  layers: Layer[];
  view: ViewState;
  side: SideView;
  highlight?: Highlight;
  /** The rows of the side's day, where it has one. */
  day: FeatureCollection | null;
  /** What differs between two days. */
  changes: readonly { feature: Feature; kind: DayChange }[];
  /** Whether differences are marked. */
  marks: boolean;
  base?: Base;
};

/** Verdicts and differences of runs and scenarios are states of features, those of days have a source of their own. */
export function sideStyle({
  layers,
  view,
  side,
  highlight,
  day,
  changes,
  marks,
  base = own,
}: Given): StyleSpecification {
  const layer = layers.find((it) => it.id === side.layer);
  const style = buildStyle(layers, viewOf(layers, view, side), highlight, base);
  if (!layer) return style;
  if (side.of.kind === 'day') {
    const features = { type: 'FeatureCollection' as const, features: day?.features ?? [] };
    return {
      ...style,
      sources: {
        ...style.sources,
        [daySource]: { type: 'geojson', data: features },
        ...changed(changes, marks),
      },
      layers: [...style.layers.map((it) => ofDay(it, layer)), ...(marks ? dayMarks : [])],
    };
  }
  const isJudged = side.of.kind !== 'now';
  return {
    ...style,
    layers: [...style.layers, ...(isJudged ? [verdictFill(layer)] : []), ...(marks ? stateMarks(layer) : [])],
  };
}

function ofDay(it: LayerSpecification, layer: Layer): LayerSpecification {
  if (!('source' in it) || it.source !== layer.id) return it;
  const rest = { ...it, source: daySource };
  delete rest['source-layer'];
  return rest;
}

function changed(changes: Given['changes'], marks: boolean): StyleSpecification['sources'] {
  const features = (marks ? changes : []).map(({ feature, kind }) => ({ ...feature, properties: { kind } }));
  return { [changedSource]: { type: 'geojson', data: { type: 'FeatureCollection', features } } };
}

/** States of features that the two maps' styles read. */
export const ownVerdict = 'own';
export const kindState = 'kind';

function verdictFill(layer: Layer): LayerSpecification {
  const state = ['coalesce', ['feature-state', ownVerdict], ''];
  const colours = (['low', 'ok', 'unknown'] as const).flatMap((it) => [it, verdictColour(layer, it)]);
  return {
    id: '~own-verdict',
    type: 'fill',
    source: layer.id,
    'source-layer': layer.id,
    paint: {
      'fill-color': ['match', state, ...colours, '#c9d0d5'],
      'fill-opacity': ['match', state, '', 0, 0.95],
      'fill-antialias': false,
    },
  } as unknown as LayerSpecification;
}

const dashes: Record<Kind, number[] | null> = { in: null, out: [2, 1.2], other: [0.6, 1.2] };
const kinds: readonly Kind[] = ['in', 'out', 'other'];

/** Told apart without colours, too: in is a full line, out a dashed one, other a dotted one. */
function stateMarks(layer: Layer): LayerSpecification[] {
  return kinds.map(
    (kind) =>
      ({
        id: `~mark-${kind}`,
        type: 'line',
        source: layer.id,
        'source-layer': layer.id,
        layout: { 'line-join': 'round' },
        paint: {
          'line-color': kindColours[kind],
          'line-width': ['match', ['coalesce', ['feature-state', kindState], ''], kind, 2.6, 0],
          ...(dashes[kind] ? { 'line-dasharray': dashes[kind] } : {}),
        },
      }) as unknown as LayerSpecification,
  );
}

const dayMarks: LayerSpecification[] = kinds.map(
  (kind) =>
    ({
      id: `~mark-${kind}`,
      type: 'line',
      source: changedSource,
      filter: ['==', ['get', 'kind'], kind],
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': kindColours[kind],
        'line-width': 2.6,
        ...(dashes[kind] ? { 'line-dasharray': dashes[kind] } : {}),
      },
    }) as unknown as LayerSpecification,
);
