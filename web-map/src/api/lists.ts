// Redevelopment lists, their cases and the targets, as the server answers them.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getJson, sendJson } from './client';
import type { components } from './schema.gen';
import type { RuleChanges } from './schema';

type Schemas = components['schemas'];

export type List = Schemas['ReuseList'];
export type Quarters = Readonly<Record<string, string>>;
/** `nodes` has the quarter of each milestone, `reached` its day. */
export type Case = Omit<Schemas['ReuseCase'], 'nodes' | 'reached'> & { nodes: Quarters; reached: Quarters };
export type Totals = Schemas['ReuseTotals'];
export type Cases = Omit<Schemas['ReuseCases'], 'cases'> & { cases: Case[] };
export type Added = Schemas['CasesAdded'];
export type Finding = Schemas['CaseFinding'];
export type Checks = Schemas['ListChecks'];
export type CaseEvent = Schemas['CaseEvent'];
export type CaseSheet = Omit<Schemas['CaseSheet'], 'case'> & { case: Case };
export type Version = Schemas['FrozenList'];
export type Compared = Schemas['ListComparison'];
export type Workflow = Schemas['ReuseWorkflow'];
export type Way = Workflow['paths'][number];
export type OpenStep = Workflow['steps'][number];
export type Standings = Schemas['Standings'];
export type Standing = Standings['total'];
export type Made = Omit<Schemas['CasesChanged'], 'saved' | 'overtaken'> & {
  saved: Case[];
  overtaken: Case[];
};

/** What a list is filled from: exactly one of them, `layer` with its `filter`. */
export type Choice = {
  layer?: string;
  filter?: string;
  town_code?: string;
  parcel_codes?: string;
  scenario_id?: number;
  thresholds?: { layer: string; ruleset: string; changes: RuleChanges };
};
export type NewList = {
  name: string;
  kind: string;
  year: number;
  responsible_unit?: string;
  code_prefix?: string;
  selection?: Choice;
  note?: string;
};
export type RowChange = { case_code: string; row_id: number; properties: Record<string, unknown> };
export type NewEvent =
  | { kind: 'transition'; step: string; reason?: string; document?: string; on?: string }
  | { kind: 'milestone'; milestone: string; on?: string; undo?: boolean; reason?: string }
  | { kind: 'disposal'; area_mu: string; on?: string; reason?: string }
  | { kind: 'comment'; text: string };

const base = '/api/v1/lists';
const casePath = (code: string) => `/api/v1/cases/${encodeURIComponent(code)}`;
const version = (rowId: number) => ({ 'if-match': `"${rowId}"` });

export function useLists() {
  return useInfiniteQuery({
    queryKey: ['lists'],
    queryFn: ({ signal, pageParam }) =>
      getJson<{ lists: List[]; next: number | null }>(
        `${base}?limit=200${pageParam === null ? '' : `&before=${pageParam}`}`,
        signal,
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next,
  });
}

export function useList(listId: number) {
  return useQuery({
    queryKey: ['list', listId],
    queryFn: ({ signal }) => getJson<List>(`${base}/${listId}`, signal),
  });
}

export function useWorkflow() {
  return useQuery({
    queryKey: ['workflow'],
    queryFn: ({ signal }) => getJson<Workflow>('/api/v1/workflow', signal),
    staleTime: Infinity,
  });
}

/** A page of cases, with the sums of all of them. `newerThan` asks for what has changed since. */
export function getCases(
  listId: number,
  page: { after?: number | null; newerThan?: number; version?: number },
  signal?: AbortSignal,
): Promise<Cases> {
  const query = new URLSearchParams({ limit: '1000' });
  if (page.after != null) query.set('after', String(page.after));
  if (page.newerThan !== undefined) query.set('newer_than', String(page.newerThan));
  if (page.version !== undefined) query.set('version', String(page.version));
  return getJson<Cases>(`${base}/${listId}/cases?${query.toString()}`, signal);
}

export function useChecks(listId: number, on: boolean) {
  return useQuery({
    queryKey: ['checks', listId],
    queryFn: ({ signal }) => getJson<Checks>(`${base}/${listId}/checks`, signal),
    enabled: on,
  });
}

export function useVersions(listId: number) {
  return useQuery({
    queryKey: ['versions', listId],
    queryFn: async ({ signal }) =>
      (await getJson<{ versions: Version[] }>(`${base}/${listId}/versions`, signal)).versions,
  });
}

/** `to` null is now. */
export function useCompared(listId: number, from: number | null, to: number | null) {
  return useQuery({
    queryKey: ['compared', listId, from, to],
    queryFn: ({ signal }) =>
      getJson<Compared>(
        `${base}/${listId}/compare?from=${from ?? ''}${to === null ? '' : `&to=${to}`}`,
        signal,
      ),
    enabled: from !== null,
  });
}

export function useCase(code: string | null) {
  return useQuery({
    queryKey: ['case', code],
    queryFn: ({ signal }) => getJson<CaseSheet>(casePath(code ?? ''), signal),
    enabled: code !== null,
  });
}

export function useCaseEvents(code: string | null) {
  return useInfiniteQuery({
    queryKey: ['case_events', code],
    queryFn: ({ signal, pageParam }) =>
      getJson<{ events: CaseEvent[]; next: number | null }>(
        `${casePath(code ?? '')}/events?limit=50${pageParam === null ? '' : `&before=${pageParam}`}`,
        signal,
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next,
    enabled: code !== null,
  });
}

export type Asked = { period: string; kind: string; asOf: string | null };

export function useStandings(asked: Asked, on = true) {
  const query = new URLSearchParams({ period: asked.period, kind: asked.kind });
  if (asked.asOf) query.set('as_of', asked.asOf);
  return useQuery({
    queryKey: ['standings', asked],
    queryFn: ({ signal }) => getJson<Standings>(`/api/v1/targets?${query.toString()}`, signal),
    enabled: on,
  });
}

export const createList = (given: NewList) => sendJson<Added>('POST', base, given);
export const addCases = (listId: number, choice: Choice) =>
  sendJson<Added>('POST', `${base}/${listId}/cases`, choice);
export const changeList = (list: List, given: { name?: string; state?: string; note?: string }) =>
  sendJson<List>('PATCH', `${base}/${list.list_id}`, given, version(list.row_version));
export const changeCases = (listId: number, changes: RowChange[]) =>
  sendJson<Made>('PATCH', `${base}/${listId}/cases`, { changes });
export const freezeList = (listId: number, note: string) =>
  sendJson<Version>('POST', `${base}/${listId}/freeze`, { note: note || null });
/** A comment needs no version. */
export const noteEvent = (it: Pick<Case, 'case_code' | 'row_id'>, event: NewEvent) =>
  sendJson<{ case: Case; event: CaseEvent }>(
    'POST',
    `${casePath(it.case_code)}/events`,
    event,
    event.kind === 'comment' ? {} : version(it.row_id),
  );
export const listExportPath = (listId: number) => `${base}/${listId}/export`;
