// Rows of a layer with some of their fields, for whatever counts, colours and lists them in the browser.
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { fromPath } from '../state/base';
import { getJson } from './client';
import type { Layer } from './schema';

export type RowValue = string | number | boolean | null;
export type Row = { id: number; values: Readonly<Record<string, RowValue>> };
export type Rows = { rows: Row[]; isCut: boolean };

/** What the browser holds of a layer; of more a filter or a nearer view is asked for. */
export const rowsAtMost = 30_000;
const onAPage = 10_000;

type Feature = { id?: unknown; properties: Record<string, RowValue> | null };
type Page = { features: Feature[]; links?: { rel: string; href: string }[] };

/** Rows that fit the CQL2 text, up to `rowsAtMost`. */
export async function askRows(
  layer: string,
  fields: readonly string[],
  filter: string | null,
  signal?: AbortSignal,
): Promise<Rows> {
  const query = new URLSearchParams({ f: 'json', limit: String(onAPage), properties: fields.join(',') });
  if (filter !== null) query.set('filter', filter);
  let path: string | null = `/ogc/collections/${encodeURIComponent(layer)}/items?${query.toString()}`;
  const rows: Row[] = [];
  while (path !== null && rows.length < rowsAtMost) {
    const page: Page = await getJson<Page>(path, signal);
    for (const it of page.features) {
      if (typeof it.id === 'number') rows.push({ id: it.id, values: it.properties ?? {} });
    }
    path = nextOf(page);
  }
  return { rows, isCut: path !== null };
}

/** The link to the next page as a path of the service. */
function nextOf(page: Page): string | null {
  const href = page.links?.find((it) => it.rel === 'next')?.href;
  if (!href || !URL.canParse(href, location.href)) return null;
  const { pathname, search } = new URL(href, location.href);
  const path = fromPath(pathname);
  return path === null ? null : `${path}${search}`;
}

/** `revision` is asked for anew when the layer changes. */
export function useRows(layer: Layer | null, fields: readonly string[], filter: string | null, isOn = true) {
  return useQuery({
    queryKey: ['rows', layer?.id, layer?.data.revision, fields, filter],
    queryFn: ({ signal }) => askRows(layer?.id ?? '', fields, filter, signal),
    enabled: layer !== null && isOn,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

/** A row with what the server tells of it, as it is written there. */
export type ListedRow = { id: number | string; properties: Record<string, unknown> };
type ListedPage = { features: ListedRow[]; numberMatched?: number; links: { rel: string; href: string }[] };

const listed = 50;

/** The rows of a layer that fit a filter, a page after the other. */
export function usePages(layer: string | null, filter: string | null, fields: readonly string[]) {
  return useInfiniteQuery({
    queryKey: ['pages', layer, filter, fields],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ f: 'json', limit: String(listed), properties: fields.join(',') });
      if (filter !== null) query.set('filter', filter);
      if (pageParam !== null) query.set('cursor', pageParam);
      return getJson<ListedPage>(
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

/** A CQL2 text: quotes are doubled. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
