// Evaluation runs, their rankings and objections, and scoring schemes, as the server answers them.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getJson, sendJson } from './client';
import type { components } from './schema.gen';
import type {
  CheckedScheme,
  EnterpriseResult,
  Evaluation,
  Job,
  Objection,
  Ranked,
  Run,
  Scheme,
  SchemeMeasure,
} from './schema';

const base = '/api/v1/evaluations';

type Schemas = components['schemas'];
export type RunOptions = Schemas['EvaluationOptions'];
export type RunAsked = { year?: number; period?: string; ruleset?: string; scheme?: string };
export type Hit = Schemas['RunHit'];
export type Hits = Schemas['RunHits'];
export type HitChange = Schemas['HitChange'];
export type SchemeFault = Scheme['faults'][number];
export type NewScheme = {
  id: string;
  text: string;
  valid_from: string;
  valid_to: string | null;
  document: string;
};
type Runs = { evaluations: Run[]; job: Job | null };

const runs = {
  queryKey: ['runs'],
  queryFn: ({ signal }: { signal: AbortSignal }) => getJson<Runs>(base, signal),
};

export function useRuns() {
  return useQuery({ ...runs, select: (it) => it.evaluations });
}

/** The newest job of a run; null for those who may not start one, and where there is none. */
export function useRunJob() {
  return useQuery({ ...runs, select: (it) => it.job });
}

export function useRunOptions() {
  return useQuery({
    queryKey: ['run_options'],
    queryFn: ({ signal }) => getJson<RunOptions>(`${base}/options`, signal),
  });
}

export const startRun = (asked: RunAsked) => sendJson<Job>('POST', base, asked);

const hitsAtOnce = 100;

/** What a final run changed. */
export function useHits(runId: number, change: HitChange) {
  return useInfiniteQuery({
    queryKey: ['hits', runId, change],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ change, limit: String(hitsAtOnce) });
      if (pageParam !== null) query.set('after', String(pageParam));
      return getJson<Hits>(`${base}/${runId}/hits?${query.toString()}`, signal);
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next,
  });
}

export function useRun(runId: number) {
  return useQuery({
    queryKey: ['run', runId],
    queryFn: ({ signal }) => getJson<Evaluation>(`${base}/${runId}`, signal),
  });
}

export type Narrowed = { cohort: string | null; grade: string | null; q: string };

const atOnce = 100;

export function useRanking(runId: number, narrowed: Narrowed) {
  return useInfiniteQuery({
    queryKey: ['ranking', runId, narrowed],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ limit: String(atOnce) });
      if (narrowed.cohort !== null) query.set('cohort', narrowed.cohort);
      if (narrowed.grade !== null) query.set('grade', narrowed.grade);
      if (narrowed.q.trim() !== '') query.set('q', narrowed.q.trim());
      if (pageParam !== null) query.set('cursor', pageParam);
      return getJson<{ enterprises: Ranked[]; matched: number; next_cursor: string | null }>(
        `${base}/${runId}/enterprises?${query.toString()}`,
        signal,
      );
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
}

export function useResult(runId: number, uscc: string | null) {
  return useQuery({
    queryKey: ['result', runId, uscc],
    queryFn: ({ signal }) =>
      getJson<EnterpriseResult>(`${base}/${runId}/enterprises/${encodeURIComponent(uscc ?? '')}`, signal),
    enabled: uscc !== null,
  });
}

export function useObjections(runId: number) {
  return useQuery({
    queryKey: ['objections', runId],
    queryFn: async ({ signal }) =>
      (await getJson<{ objections: Objection[] }>(`${base}/${runId}/objections`, signal)).objections,
  });
}

export function useSchemes() {
  return useQuery({
    queryKey: ['schemes'],
    queryFn: ({ signal }) =>
      getJson<{ schemes: Scheme[]; configured: string | null; measures: SchemeMeasure[] }>(
        '/api/v1/schemes',
        signal,
      ),
    staleTime: 60_000,
  });
}

export const publishRun = (runId: number, until: string, reason: string | null) =>
  sendJson<Evaluation>('POST', `${base}/${runId}/publish`, { objections_until: until, reason });
export const finaliseRun = (runId: number) => sendJson<Evaluation>('POST', `${base}/${runId}/finalise`, {});
/** Null leaves it to the latest final run. */
export const showRun = (runId: number | null) =>
  sendJson<{ evaluations: Run[] }>('PUT', `${base}/shown`, { run_id: runId });
export const makeObjection = (runId: number, given: { uscc: string; reason: string; evidence: string }) =>
  sendJson<Objection>('POST', `${base}/${runId}/objections`, given);
export const decideObjection = (it: Objection, given: { state: 'accepted' | 'refused'; decision: string }) =>
  sendJson<Objection>('POST', `${base}/${it.run_id}/objections/${it.objection_id}/decide`, given);
export const checkScheme = (text: string, runId: number | null) =>
  sendJson<CheckedScheme>('POST', '/api/v1/schemes/check', { text, run_id: runId });
export const saveScheme = (given: NewScheme) => sendJson<Scheme>('POST', '/api/v1/schemes', given);
/** One version of a scheme; 0 is the file of the folders. */
export const getScheme = (id: string, version: number) =>
  getJson<Scheme>(`/api/v1/schemes/${encodeURIComponent(id)}?version=${version}`);
