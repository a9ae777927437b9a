import { useQuery } from '@tanstack/react-query';
import { getJson, Problem, sessionPath } from './client';
import type {
  Bbox,
  Dossier,
  ExportFormat,
  LayerTree,
  ParcelEvaluations,
  ParcelHistory,
  SearchResult,
  Session,
} from './schema';

/** Only an unreachable or failing server is worth asking again; a refusal stays one. */
export function worthRetry(failures: number, error: Error): boolean {
  const status = error instanceof Problem ? error.status : 500;
  return failures < 2 && (status === 0 || status >= 500);
}

export function useLayerTree() {
  return useQuery({
    queryKey: ['layers'],
    queryFn: ({ signal }) => getJson<LayerTree>('/api/v1/layers', signal),
    staleTime: 60_000,
  });
}

export function useSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => getJson<Session>(sessionPath, signal),
    staleTime: 60_000,
  });
}

export function useDossier(parcelCode: string | null) {
  return useQuery({
    queryKey: ['dossier', parcelCode],
    queryFn: ({ signal }) =>
      getJson<Dossier>(`/api/v1/parcels/${encodeURIComponent(parcelCode ?? '')}`, signal),
    enabled: parcelCode !== null,
    staleTime: 60_000,
  });
}

/** What each run made of a parcel. */
export function useParcelEvaluations(parcelCode: string) {
  return useQuery({
    queryKey: ['dossier', parcelCode, 'evaluations'],
    queryFn: ({ signal }) =>
      getJson<ParcelEvaluations>(`/api/v1/parcels/${encodeURIComponent(parcelCode)}/evaluations`, signal),
    staleTime: 60_000,
  });
}

/** The versions of a parcel in the register. */
export function useParcelHistory(parcelCode: string) {
  return useQuery({
    queryKey: ['dossier', parcelCode, 'history'],
    queryFn: ({ signal }) =>
      getJson<ParcelHistory>(`/api/v1/parcels/${encodeURIComponent(parcelCode)}/history`, signal),
    staleTime: 60_000,
  });
}

export function useSearch(text: string) {
  return useQuery({
    queryKey: ['search', text],
    queryFn: ({ signal }) => searchPlaces(text, signal),
    enabled: text !== '',
    staleTime: 60_000,
  });
}

export async function searchPlaces(text: string, signal?: AbortSignal): Promise<SearchResult[]> {
  const found = await getJson<{ results: SearchResult[] }>(
    `/api/v1/search?q=${encodeURIComponent(text)}&limit=12`,
    signal,
  );
  return found.results;
}

export function exportPath(
  layerId: string,
  format: ExportFormat,
  bbox: Bbox | null,
  filter: string | null,
): string {
  const query = new URLSearchParams({ format });
  if (bbox) query.set('bbox', bbox.join(','));
  if (filter) query.set('filter', filter);
  return `/api/v1/layers/${encodeURIComponent(layerId)}/export?${query.toString()}`;
}
