// Imports and their jobs, as the server answers them.
import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import type { FeatureCollection, Geometry } from 'geojson';
import { getJson, remove, sendJson, upload, type Upload } from './client';
import type {
  Change,
  ChangeKind,
  Finding,
  Import,
  ImportOptions,
  ImportTarget,
  Job,
  Severity,
} from './schema';

const root = '/api/v1/imports';
const importAt = (batchId: number) => `${root}/${batchId}`;
const rowsAtOnce = 200;
const importsAtOnce = 20;
/** Outlines that a map is given at most, of each kind. */
export const shapesAtOnce = 3000;

type Features = FeatureCollection<Geometry | null> & { next_after?: string | null };

/** With options a preview begins as soon as the file is there. */
export function uploadFiles(
  files: readonly File[],
  options: ImportOptions | null,
  onProgress: (sent: number, total: number) => void,
): Upload<Import> {
  const body = new FormData();
  // Before the files: the server reads the parts in order, and the files last.
  if (options) {
    body.append('into', options.into);
    body.append('options', JSON.stringify(options));
  }
  files.forEach((it) => body.append('file', it, it.name));
  return upload(root, body, onProgress);
}

export const preview = (batchId: number, options: ImportOptions) =>
  sendJson<Job>('POST', `${importAt(batchId)}/preview`, options);
export const apply = (batchId: number) => sendJson<Job>('POST', `${importAt(batchId)}/apply`, {});
export const undo = (batchId: number) => sendJson<Job>('POST', `${importAt(batchId)}/undo`, {});
export const discard = (batchId: number) => remove(importAt(batchId));
export const cancelJob = (jobId: string) => sendJson<unknown>('POST', `/api/v1/jobs/${jobId}/cancel`, {});

export const jobPath = (jobId: string) => `/api/v1/jobs/${jobId}`;
export const fileOf = (batchId: number, name: string) => `${importAt(batchId)}/${name}`;
export const templatePath = (targetId: string) => `/api/v1/templates/${encodeURIComponent(targetId)}.xlsx`;

export function useTargets() {
  return useQuery({
    queryKey: ['import_targets'],
    queryFn: async ({ signal }) =>
      (await getJson<{ targets: ImportTarget[] }>(`${root}/targets`, signal)).targets,
    staleTime: Infinity,
  });
}

export function useImports() {
  return useInfiniteQuery({
    queryKey: ['imports'],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ limit: String(importsAtOnce) });
      if (pageParam !== null) query.set('before', String(pageParam));
      return getJson<{ imports: Import[]; next_before: number | null }>(`${root}?${query}`, signal);
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next_before,
  });
}

export function useImport(batchId: number) {
  return useQuery({
    queryKey: ['import', batchId],
    queryFn: ({ signal }) => getJson<Import>(importAt(batchId), signal),
  });
}

export type FindingFilter = { severity: Severity | null; rule: string | null };

/** `seen` tells one preview from the next, so that rows of the last one are not shown with this one's counts. */
export function useFindings(batchId: number, seen: string, filter: FindingFilter) {
  return useInfiniteQuery({
    queryKey: ['findings', batchId, seen, filter],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ limit: String(rowsAtOnce) });
      if (filter.severity) query.set('severity', filter.severity);
      if (filter.rule) query.set('rule', filter.rule);
      if (pageParam !== null) query.set('after', String(pageParam));
      const path = `${importAt(batchId)}/issues?${query}`;
      return getJson<{ issues: Finding[]; next_after: number | null }>(path, signal);
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next_after,
    placeholderData: keepPreviousData,
  });
}

export function useChanges(batchId: number, seen: string, kind: ChangeKind) {
  return useInfiniteQuery({
    queryKey: ['changes', batchId, seen, kind],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ limit: String(rowsAtOnce), kind });
      if (pageParam !== null) query.set('after', String(pageParam));
      const path = `${importAt(batchId)}/changes?${query}`;
      return getJson<{ changes: Change[]; next_after: string | null }>(path, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_after,
  });
}

/** Places of findings; only asked for where they are few enough for a map. */
export function useFindingShapes(batchId: number, seen: string, wanted: boolean) {
  return useQuery({
    queryKey: ['finding_shapes', batchId, seen],
    queryFn: ({ signal }) => getJson<Features>(fileOf(batchId, 'issues.geojson'), signal),
    enabled: wanted,
    staleTime: Infinity,
  });
}

/** Of each kind so many that none hides the others; `next_after` says that there are more. */
export function useChangeShapes(batchId: number, seen: string, kinds: readonly ChangeKind[]) {
  return useQueries({
    queries: kinds.map((kind) => ({
      queryKey: ['change_shapes', batchId, seen, kind],
      queryFn: ({ signal }: { signal: AbortSignal }) => {
        const query = new URLSearchParams({ kind, limit: String(shapesAtOnce) });
        return getJson<Features>(`${fileOf(batchId, 'changes.geojson')}?${query}`, signal);
      },
      staleTime: Infinity,
    })),
    combine: (found) => ({
      data: found.every((it) => it.data) ? found.flatMap((it) => it.data ?? []) : null,
      error: found.find((it) => it.error)?.error ?? null,
      refetch: () => found.forEach((it) => void it.refetch()),
    }),
  });
}
