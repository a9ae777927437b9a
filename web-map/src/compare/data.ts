// What two maps are compared by: rows of a day, verdicts of a run, verdicts under a scenario.
import { useQuery } from '@tanstack/react-query';
import type { FeatureCollection } from 'geojson';
import { useMemo } from 'react';
import { getJson, Problem } from '../api/client';
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

export function useSide(tree: LayerTree, side: SideView) {
  const shown = tree.evaluation?.run_id ?? null;
  const { layer, of } = side;
  const asked = useQuery({
    queryKey: ['compared', layer, of, shown],
    queryFn: async ({ signal }): Promise<Found> => {
      if (of.kind === 'day') return ofDay(layer, of.day, signal);
      if (of.kind === 'run')
        return shown === null || of.id === shown ? nothing : ofRun(layer, of.id, shown, signal);
      if (of.kind === 'scenario') return ofScenario(layer, of.id, signal);
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

async function ofDay(layer: string, day: string, signal: AbortSignal): Promise<Found> {
  const query = new URLSearchParams({ f: 'json', limit: String(dayRowsAtMost), datetime: day });
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
