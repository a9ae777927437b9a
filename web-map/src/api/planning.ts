// Plans and what may become of land, as the server answers it.
import { useQuery } from '@tanstack/react-query';
import type { MultiPolygon, Polygon } from 'geojson';
import { getJson, sendJson } from './client';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Outcome = Schemas['ConformityOutcome'];
export type Clause = Schemas['ConformityClause'];
export type Plan = Schemas['ConformityPlan'];
export type ConformityItem = Schemas['ConformityItem'];
export type Conformity = Schemas['ConformityAnswer'];
export type Terms = Schemas['ConformityTerms'];
export type Reason = Schemas['SiteReason'];
export type Site = Schemas['Site'];
export type Sites = Schemas['SitesAnswer'];
export type Reduction = Schemas['ReductionAnswer'];
export type ReductionItem = Schemas['ReductionCandidate'];
export type ReductionUnit = Schemas['ReductionUnit'];
export type Piece = Omit<Schemas['Assembly'], 'geometry'> & { geometry: MultiPolygon };
export type Assemblies = Omit<Schemas['AssembliesAnswer'], 'assemblies'> & { assemblies: Piece[] };

/** What is left out is as the land is now. */
export type Proposed = { use?: string; far?: number; path?: string };
/** What is left out is as the layer folder says. */
export type AssemblyTerms = {
  gap_m?: number;
  same_unit?: boolean;
  mu_at_least?: number;
  parcels_at_least?: number;
};
export type SitesQuestion = {
  land_mu?: number;
  floor_m2?: number;
  use?: string;
  far?: number;
  sector?: string;
  energy_tce?: number;
  near?: { point: [number, number]; within_m: number } | { layer: string; within_m: number };
};

export function useTerms() {
  return useQuery({
    queryKey: ['conformity-terms'],
    queryFn: ({ signal }) => getJson<Terms>('/api/v1/conformity', signal),
    staleTime: Infinity,
  });
}

export const checkCodes = (parcel_codes: readonly string[], proposed: Proposed) =>
  sendJson<Conformity>('POST', '/api/v1/conformity', { parcel_codes, ...proposed });

export const checkShape = (shape: Polygon, proposed: Proposed) =>
  sendJson<Conformity>('POST', '/api/v1/conformity', { shape, ...proposed });

export const assemble = (terms: AssemblyTerms) => sendJson<Assemblies>('POST', '/api/v1/assemblies', terms);

export const searchSites = (asked: SitesQuestion) => sendJson<Sites>('POST', '/api/v1/sites/search', asked);

export function useReduction() {
  return useQuery({
    queryKey: ['reduction'],
    queryFn: ({ signal }) => getJson<Reduction>('/api/v1/reduction?limit=1000', signal),
  });
}
