// Rule sets, what-if previews and saved scenarios, as the server answers them.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getJson, remove, sendJson } from './client';
import type { AdoptedRuleSet, Bbox, Comparison, Preview, RuleChanges, RuleSet, Scenario } from './schema';

const root = '/api/v1/scenarios';

/** What is asked: a rule set of a layer, and what is different. */
export type Asked = {
  layer: string;
  ruleset: string;
  changes: RuleChanges;
  /** 亩 to be reached; the stored targets where there is none. */
  targetMu: string | null;
};

export function useRuleSets() {
  return useQuery({
    queryKey: ['rule_sets'],
    queryFn: async ({ signal }) =>
      (await getJson<{ rule_sets: RuleSet[] }>('/api/v1/rule_sets', signal)).rule_sets,
    staleTime: 60_000,
  });
}

export function usePreview(asked: Asked | null) {
  return useQuery({
    queryKey: ['preview', asked],
    queryFn: () =>
      sendJson<Preview>('POST', `${root}/preview`, {
        layer: asked?.layer,
        ruleset: asked?.ruleset,
        parameters: asked?.changes.parameters,
        rules: asked?.changes.rules,
        ids_at_most: 0,
        ...(asked?.targetMu ? { target: { kind: 'mu', quantity: asked.targetMu } } : {}),
      }),
    enabled: asked !== null,
    // The figures of the last position stand until the next ones are there.
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
}

/** Ids of each kind of flip that the map colours at most. */
const turnedAtMost = 2500;

/** Which parcels in a box the changes turn. */
export function useFlips(asked: Asked, runId: number, bbox: Bbox | null) {
  return useQuery({
    queryKey: ['flips', asked, runId, bbox],
    queryFn: async () => {
      const found = await sendJson<Preview>('POST', `${root}/preview`, {
        layer: asked.layer,
        run_id: runId,
        ruleset: asked.ruleset,
        parameters: asked.changes.parameters,
        rules: asked.changes.rules,
        bbox,
        ids_at_most: turnedAtMost,
      });
      return found.flips;
    },
    enabled: bbox !== null,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
}

export function useScenarios() {
  return useQuery({
    queryKey: ['scenarios'],
    queryFn: async ({ signal }) => (await getJson<{ scenarios: Scenario[] }>(root, signal)).scenarios,
    staleTime: 10_000,
  });
}

export function useComparison(left: number | null, right: number | null, open: boolean) {
  const query = new URLSearchParams();
  if (left !== null) query.set('left', String(left));
  if (right !== null) query.set('right', String(right));
  return useQuery({
    queryKey: ['compare', left, right],
    queryFn: ({ signal }) => getJson<Comparison>(`${root}/compare?${query.toString()}`, signal),
    enabled: open,
    retry: false,
  });
}

export const saveScenario = (title: string, note: string, asked: Asked) =>
  sendJson<Scenario>('POST', root, {
    title,
    note: note || null,
    layer: asked.layer,
    ruleset: asked.ruleset,
    changes: asked.changes,
    target: asked.targetMu ? { kind: 'mu', quantity: asked.targetMu } : null,
  });

export const withdrawScenario = (scenarioId: number) => remove(`${root}/${scenarioId}`);

export type Terms = { valid_from: string; valid_to: string | null; legal_basis: string };

export const adoptScenario = (scenarioId: number, terms: Terms) =>
  sendJson<AdoptedRuleSet>('POST', `${root}/${scenarioId}/adopt`, terms);
