// Statistics of a layer: counts, sums, histograms and breaks of any selection, as the server answers them.
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import type { Polygon } from 'geojson';
import { sendJson } from './client';
import type { BreaksMethod } from '../state/breaks';
import type { Bbox, Decimal } from './schema';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Counts = Schemas['StatsCounts'];
export type Worth = Schemas['StatsWorth'];
export type StatsTotal = Schemas['StatsTotal'];
/** A group's value; null where the rows have none. */
export type Key = string | number | boolean | null;
export type StatsGroup = StatsTotal & { key: Record<string, Key> };
export type Stats = Omit<Schemas['StatsAnswer'], 'groups'> & { groups: StatsGroup[] };

export type Measure =
  { sum: string } | { avg: string } | { count: string } | { ratio: readonly [over: string, under: string] };

export type StatsQuestion = {
  layer: string;
  filter?: string;
  bbox?: Bbox;
  polygon?: Polygon;
  ids?: readonly number[];
  group_by?: readonly string[];
  measures?: readonly Measure[];
  histogram?: { field: string; bins: number } | { field: string; breaks: readonly string[] };
  breaks?:
    | { field: string; method: Exclude<BreaksMethod, 'manual'>; classes: number }
    | { field: string; method: 'manual'; values: readonly string[] };
  published?: boolean;
};

/** The member under which an answer has a measure. */
export function labelOf(measure: Measure): string {
  if ('sum' in measure) return `sum_${measure.sum}`;
  if ('avg' in measure) return `avg_${measure.avg}`;
  if ('count' in measure) return `count_${measure.count}`;
  return `ratio_${measure.ratio[0]}_to_${measure.ratio[1]}`;
}

/** Exact digits, or null; `undefined` where it was not asked for. */
export function valueOf(total: StatsTotal, measure: Measure): Decimal | null | undefined {
  return total.measures[labelOf(measure)]?.value;
}

export function askStats(question: StatsQuestion): Promise<Stats> {
  return sendJson<Stats>('POST', '/api/v1/stats', question);
}

/** For those who ask several questions at once. */
export function statsQuery(question: StatsQuestion) {
  return queryOptions({
    queryKey: ['stats', question],
    queryFn: () => askStats(question),
    staleTime: 60_000,
  });
}

/**
 * With `keeps` the figures of the last question stand until the next ones are there; `isPlaceholderData` says so. Not where an
 * answer is read by the names of its question.
 */
export function useStats(question: StatsQuestion | null, { keeps = true } = {}) {
  return useQuery({
    queryKey: ['stats', question],
    queryFn: () => askStats(question as StatsQuestion),
    enabled: question !== null,
    ...(keeps ? { placeholderData: keepPreviousData } : {}),
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
          askStats({
            layer: layer ?? '',
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
