// Evaluation runs, their rankings and objections, and scoring schemes, as the server answers them.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getJson, sendJson } from './client';
import type {
  CheckedScheme,
  EnterpriseResult,
  Evaluation,
  Objection,
  Ranked,
  Run,
  Scheme,
  SchemeMeasure,
} from './schema';

const base = '/api/v1/evaluations';

export function useRuns() {
  return useQuery({
    queryKey: ['runs'],
    queryFn: async ({ signal }) => (await getJson<{ evaluations: Run[] }>(base, signal)).evaluations,
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

export const publishRun = (runId: number, until: string) =>
  sendJson<Evaluation>('POST', `${base}/${runId}/publish`, { objections_until: until });
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
