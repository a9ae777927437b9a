// Counts and sums over a layer, and the rows behind them, as the server answers them.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getJson, sendJson } from './client';
import type { Decimal } from './schema';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Measure = { sum: string } | { count: string } | { ratio: [over: string, under: string] };
export type StatsAnswer = Omit<Schemas['StatsAnswer'], 'groups'> & { groups: StatsGroup[] };
export type StatsGroup = Schemas['StatsTotal'] & { key: Record<string, Key> };
export type StatsTotal = Schemas['StatsTotal'];
/** A group's value; null where the rows have none. */
export type Key = string | number | boolean | null;

export type Question = {
  layer: string;
  group_by?: string[];
  measures?: Measure[];
  filter?: string;
  published?: boolean;
};

/** The member under which an answer has a measure. */
export function labelOf(measure: Measure): string {
  if ('sum' in measure) return `sum_${measure.sum}`;
  if ('count' in measure) return `count_${measure.count}`;
  return `ratio_${measure.ratio[0]}_to_${measure.ratio[1]}`;
}

/** Exact digits, or null; `undefined` where it was not asked for. */
export function valueOf(total: StatsTotal, measure: Measure): Decimal | null | undefined {
  return total.measures[labelOf(measure)]?.value;
}

export function useStats(asked: Question | null) {
  return useQuery({
    queryKey: ['stats', asked],
    queryFn: () => sendJson<StatsAnswer>('POST', '/api/v1/stats', asked),
    enabled: asked !== null,
    staleTime: 60_000,
  });
}

/** Measures of one question, at most. */
const atOnce = 20;

/** How many rows of a layer have a value in each field, by group, in as many questions as it takes. */
export function usePresence(layer: string | null, fields: readonly string[], groupBy: string | null) {
  return useQuery({
    queryKey: ['presence', layer, fields, groupBy],
    queryFn: async () => {
      const parts: string[][] = [];
      for (let at = 0; at < fields.length; at += atOnce) parts.push(fields.slice(at, at + atOnce));
      return Promise.all(
        parts.map((part) =>
          sendJson<StatsAnswer>('POST', '/api/v1/stats', {
            layer,
            group_by: groupBy === null ? [] : [groupBy],
            measures: part.map((it) => ({ count: it })),
          }),
        ),
      );
    },
    enabled: layer !== null && fields.length > 0,
    staleTime: 60_000,
  });
}

export type Row = { id: number | string; properties: Record<string, unknown> };
type Page = {
  features: Row[];
  numberMatched?: number;
  links: { rel: string; href: string }[];
};

const pageSize = 50;

/** The rows of a layer that fit a filter, a page after the other. */
export function useRows(layer: string | null, filter: string | null, fields: readonly string[]) {
  return useInfiniteQuery({
    queryKey: ['rows', layer, filter, fields],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ f: 'json', limit: String(pageSize), properties: fields.join(',') });
      if (filter !== null) query.set('filter', filter);
      if (pageParam !== null) query.set('cursor', pageParam);
      return getJson<Page>(
        `/ogc/collections/${encodeURIComponent(layer ?? '')}/items?${query.toString()}`,
        signal,
      );
    },
    enabled: layer !== null,
    initialPageParam: null as string | null,
    getNextPageParam: (last) => {
      const next = last.links.find((it) => it.rel === 'next')?.href;
      return next === undefined ? null : new URL(next, 'http://localhost').searchParams.get('cursor');
    },
    staleTime: 60_000,
  });
}
