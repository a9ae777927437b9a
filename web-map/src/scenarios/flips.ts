// Which parcels a what-if turns, as states of the map's features and as the style that reads them. Pure.
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Geometry } from 'geojson';
import type { Layer, Preview } from '../api/schema';
import { buildStyle } from '../map/draw';
import type { Base } from '../state/base';

export type Verdict = 'low' | 'ok' | 'unknown' | 'not_judged';
/** In: newly low; out: low no more; other: between verdicts that are neither. */
export type Kind = 'in' | 'out' | 'other';
export type Turned = { from: Verdict; to: Verdict; kind: Kind };
/** What the map shows: the run's verdicts, those under the changed rules, or only what differs. */
export type Mode = 'run' | 'changed' | 'difference';

/** More states than this make the map slow (webmap.md §5); what is cut is said under the map. */
export const statesAtMost = 5000;

export function kindOf(from: string, to: string): Kind {
  if (to === 'low') return 'in';
  return from === 'low' ? 'out' : 'other';
}

/** The turned parcels by their id, those newly low and low no more before the others. */
export function turnedOf(flips: Preview['flips']): { turned: Map<number, Turned>; isCut: boolean } {
  const rank: Record<Kind, number> = { in: 0, out: 0, other: 1 };
  const sorted = [...flips].sort((a, b) => rank[kindOf(a.from, a.to)] - rank[kindOf(b.from, b.to)]);
  const turned = new Map<number, Turned>();
  let isCut = flips.some((it) => it.is_cut);
  for (const it of sorted) {
    const [from, to] = [it.from as Verdict, it.to as Verdict];
    for (const id of it.ids) {
      if (turned.size >= statesAtMost) isCut = true;
      else turned.set(id, { from, to, kind: kindOf(from, to) });
    }
  }
  return { turned, isCut };
}

export type Sum = { kind: Kind; parcels: number; areaMu: number };

/** How many turn, and how much land; all of them, whatever the map shows. */
export function sumsOf(flips: Preview['flips']): Sum[] {
  return (['in', 'out', 'other'] as const).map((kind) => {
    const own = flips.filter((it) => kindOf(it.from, it.to) === kind);
    return {
      kind,
      parcels: own.reduce((sum, it) => sum + it.parcels, 0),
      areaMu: own.reduce((sum, it) => sum + Number(it.area_mu ?? 0), 0),
    };
  });
}

export const kindColours: Record<Kind, string> = { in: '#b42a20', out: '#1a6b45', other: '#6a4a9c' };

/** The legend's colour of a verdict. */
export function verdictColour(layer: Layer, verdict: Verdict): string {
  const row = layer.legend.find((it) => it.match?.values.some((value) => String(value) === verdict));
  return row?.color ?? '#c9d0d5';
}

/**
 * The layer of the verdicts over the base map, and above it layers that only feature-state makes visible: neither another
 * mode nor another threshold fetches or parses a tile.
 */
export function scenarioStyle(
  layers: readonly Layer[],
  layer: Layer,
  mode: Mode,
  ring: Geometry | null,
  base?: Base,
): StyleSpecification {
  const beneath = layers.filter((it) => it.id === layer.id || it.role === 'base');
  const opacity = mode === 'difference' ? 0.18 : 1;
  const view = { layers: { [layer.id]: { visible: true, opacity } }, hidden: {}, sel: null };
  const style = buildStyle(beneath, view, { ring, pin: null }, base);
  return { ...style, layers: [...style.layers, ...(mode === 'run' ? [] : turnedLayers(layer, mode))] };
}

function turnedLayers(layer: Layer, mode: Mode): LayerSpecification[] {
  const source = { source: layer.id, 'source-layer': layer.id };
  const kind = ['coalesce', ['feature-state', 'kind'], ''];
  const is = (own: Kind, width: number) => ['match', kind, own, width, 0] as never;
  const colour =
    mode === 'difference'
      ? ['match', kind, 'in', kindColours.in, 'out', kindColours.out, kindColours.other]
      : [
          'match',
          ['coalesce', ['feature-state', 'to'], ''],
          ...(['low', 'ok', 'unknown'] as const).flatMap((it) => [it, verdictColour(layer, it)]),
          '#c9d0d5',
        ];
  const line = (own: Kind, dash: number[] | null): LayerSpecification => ({
    id: `~turned-${own}`,
    type: 'line',
    ...source,
    layout: { 'line-join': 'round' },
    paint: {
      'line-color': kindColours[own],
      'line-width': is(own, own === 'other' ? 1.6 : 2.6),
      ...(dash ? { 'line-dasharray': dash } : {}),
    },
  });
  return [
    {
      id: '~turned',
      type: 'fill',
      ...source,
      paint: {
        'fill-color': colour as never,
        'fill-opacity': ['match', kind, '', 0, mode === 'difference' ? 0.55 : 0.9] as never,
        'fill-antialias': false,
      },
    },
    // Told apart without colours, too: in is a full line, out a dashed one.
    line('in', null),
    line('out', [2, 1.2]),
    line('other', [0.6, 1.2]),
  ];
}
