// What two maps are compared by: rows of a day, verdicts of a run, verdicts under a scenario.
import { useQuery } from '@tanstack/react-query';
import type { FeatureCollection } from 'geojson';
import { useMemo } from 'react';
import { getJson, Problem } from '../api/client';
import { askRows } from '../api/rows';
import type { Comparison, Layer, LayerTree } from '../api/schema';
import type { components } from '../api/schema.gen';
import type { Verdict } from '../scenarios/flips';
import type { SideView } from '../state/url';
import type { Verdicts } from './sides';

type RunChanges = components['schemas']['RunChanges'];

/** Rows of a day that the browser draws. */
export const dayRowsAtMost = 10_000;

export type Found = { day: FeatureCollection | null; verdicts: Verdicts; isCut: boolean };

const nothing: Found = { day: null, verdicts: new Map(), isCut: false };

/** A layer keeps what was so on a day, unless it is made by runs. */
export const hasDays = (layer: Layer) => layer.kind !== 'derived' && layer.geometry === 'polygon';

/** `filter` is what the map is narrowed to: rows of a day and the ids of verdicts are, too. */
export function useSide(tree: LayerTree, side: SideView, filter: string | null) {
  const shown = tree.evaluation?.run_id ?? null;
  const { layer, of } = side;
  const asked = useQuery({
    queryKey: ['compared', layer, of, shown, filter],
    queryFn: async ({ signal }): Promise<Found> => {
      if (of.kind === 'day') return ofDay(layer, of.day, filter, signal);
      if (of.kind === 'run')
        return shown === null || of.id === shown
          ? nothing
          : within(await ofRun(layer, of.id, shown, signal), layer, filter, signal);
      if (of.kind === 'scenario')
        return within(await ofScenario(layer, of.id, signal), layer, filter, signal);
      return nothing;
    },
    enabled: of.kind !== 'now',
    retry: false,
    staleTime: 60_000,
  });
  const found = of.kind === 'now' ? nothing : (asked.data ?? nothing);
  return useMemo(
    () => ({ found, error: asked.error, isPending: of.kind !== 'now' && asked.isPending }),
    [found, asked.error, asked.isPending, of.kind],
  );
}

/** Only verdicts of rows that the conditions leave. */
async function within(
  found: Found,
  layer: string,
  filter: string | null,
  signal: AbortSignal,
): Promise<Found> {
  if (filter === null || found.verdicts.size === 0) return found;
  const { rows, isCut } = await askRows(layer, [], filter, signal);
  const left = new Set(rows.map((it) => it.id));
  const verdicts = new Map([...found.verdicts].filter(([id]) => left.has(id)));
  return { ...found, verdicts, isCut: found.isCut || isCut };
}

async function ofDay(layer: string, day: string, filter: string | null, signal: AbortSignal): Promise<Found> {
  const query = new URLSearchParams({ f: 'json', limit: String(dayRowsAtMost), datetime: day });
  if (filter !== null) query.set('filter', filter);
  const rows = await getJson<FeatureCollection & { links?: { rel: string }[] }>(
    `/ogc/collections/${encodeURIComponent(layer)}/items?${query.toString()}`,
    signal,
  );
  const isCut = rows.links?.some((it) => it.rel === 'next') ?? false;
  return { ...nothing, day: { type: 'FeatureCollection', features: rows.features }, isCut };
}

/** The tiles are of the run that is shown; of another run only what differs is asked for. */
async function ofRun(layer: string, run: number, shown: number, signal: AbortSignal): Promise<Found> {
  const [later, earlier] = [Math.max(run, shown), Math.min(run, shown)];
  const query = new URLSearchParams({ against: String(earlier), layer });
  const changes = await getJson<RunChanges>(
    `/api/v1/evaluations/${later}/changes?${query.toString()}`,
    signal,
  );
  const verdicts = new Map<number, { shown: Verdict; own: Verdict }>();
  let isCut = false;
  for (const it of changes.verdicts) {
    isCut ||= it.is_cut;
    const [from, to] = [it.from as Verdict, it.to as Verdict];
    for (const id of it.ids)
      verdicts.set(id, run === later ? { shown: from, own: to } : { shown: to, own: from });
  }
  return { ...nothing, verdicts, isCut };
}

async function ofScenario(layer: string, scenario: number, signal: AbortSignal): Promise<Found> {
  const query = new URLSearchParams({ right: String(scenario), layer });
  const compared = await getJson<Comparison>(`/api/v1/scenarios/compare?${query.toString()}`, signal);
  const verdicts = new Map<number, { shown: Verdict; own: Verdict }>();
  let isCut = false;
  for (const it of [...compared.entered, ...compared.gone, ...compared.differences.flips]) {
    isCut ||= it.is_cut;
    for (const id of it.ids) verdicts.set(id, { shown: it.from as Verdict, own: it.to as Verdict });
  }
  return { ...nothing, verdicts, isCut };
}

/** A run or scenario of another layer, or one that is no more, is said as such and not as a fault of the map. */
export const isGone = (error: unknown) =>
  error instanceof Problem && (error.status === 404 || error.status === 400);
