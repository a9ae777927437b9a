// Statistics of a layer: counts, sums, histograms and breaks of any selection, as the server answers them.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Polygon } from 'geojson';
import { sendJson } from './client';
import type { Bbox } from './schema';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Counts = Schemas['StatsCounts'];
export type Stats = Schemas['StatsAnswer'];
export type Worth = Schemas['StatsWorth'];

export const breaksMethods = ['quantile', 'equal', 'jenks', 'manual'] as const;
export type BreaksMethod = (typeof breaksMethods)[number];

export type StatsQuestion = {
  layer: string;
  filter?: string;
  bbox?: Bbox;
  polygon?: Polygon;
  ids?: readonly number[];
  group_by?: readonly string[];
  measures?: readonly ({ sum: string } | { avg: string } | { ratio: readonly [string, string] })[];
  histogram?: { field: string; bins: number } | { field: string; breaks: readonly string[] };
  breaks?:
    | { field: string; method: Exclude<BreaksMethod, 'manual'>; classes: number }
    | { field: string; method: 'manual'; values: readonly string[] };
};

export function askStats(question: StatsQuestion): Promise<Stats> {
  return sendJson<Stats>('POST', '/api/v1/stats', question);
}

/** The figures of the last question stand until the next ones are there; `isPlaceholderData` says so. */
export function useStats(question: StatsQuestion | null) {
  return useQuery({
    queryKey: ['stats', question],
    queryFn: () => askStats(question as StatsQuestion),
    enabled: question !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}
