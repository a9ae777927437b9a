// The server's JSON, as `/api/v1` sends it. Decimals are strings, so that no figure is rounded on its
// way; null is a missing figure. What the session may not read is null or left out. Hand-written until the OpenAPI document generates it.
import type { Geometry } from 'geojson';
import type { LayerSpecification } from 'maplibre-gl';

export type Text = { zh: string; en: string };
export type Decimal = string;
export type Access = 'public' | 'viewer' | 'officer' | 'steward' | 'admin';
export type Position = [lon: number, lat: number];
export type Bbox = [west: number, south: number, east: number, north: number];

export type Field = {
  name: string;
  title: Text;
  type: 'text' | 'integer' | 'decimal' | 'boolean' | 'date';
  unit: string | null;
  access: Access;
  readable: boolean;
  popup: boolean;
};

/** The same condition as the row's CQL2 `filter`, in a form that the map can apply to tile properties. */
export type Match = { field: string; values: (string | number | boolean | null)[] };

export type LegendRow = {
  label: Text;
  color: string;
  pattern: 'hatch' | 'cross' | 'dots' | 'outline' | null;
  filter: string;
  match?: Match | null;
  count: number | null;
  area_mu: Decimal | null;
};

/** A style layer whose source the server leaves open. */
export type StyleLayer = Omit<Exclude<LayerSpecification, { type: 'background' }>, 'source'> & {
  source?: never;
};

export type Draw = 'area' | 'line' | 'point' | 'label';
export type Role = 'theme' | 'overlay' | 'base';

export type Layer = {
  id: string;
  kind: 'register' | 'reference' | 'derived';
  group: string;
  title: Text;
  about: Text;
  geometry: 'polygon' | 'line' | 'point';
  draw: Draw;
  zooms: { min: number; max: number };
  role: Role;
  visible: boolean;
  access: Access;
  readable: boolean;
  identify: string | null;
  fields: Field[];
  legend: LegendRow[];
  style: StyleLayer[];
  tiles: string;
  data: {
    revision: number;
    count: number;
    updated_at: string | null;
    file: string | null;
    bounds: Bbox | null;
  };
};

export type LayerTree = {
  title: Text;
  bounds: Bbox | null;
  empty: boolean;
  evaluation: { year: number; run_id: number; finished_at: string } | null;
  groups: { id: string; title: Text }[];
  layers: Layer[];
};

export type Verdict = 'low' | 'ok' | 'unknown';

export type Evidence = {
  rule: string;
  title: Text;
  basis: string | null;
  when: string;
  result: 'true' | 'false' | 'unknown';
  effect: 'low' | 'exempt';
  inputs?: Record<string, Decimal | number | boolean | null> | null;
  sentence: Text;
};

export type Share = { layer: string; class: string; label: Text; share: Decimal; area_m2: Decimal | null };

export type PlanHit = {
  layer: string;
  title: Text;
  name: string | null;
  code: string | null;
  share: Decimal | null;
  area_m2: Decimal | null;
};

export type Occupant = {
  uscc: string;
  name: string;
  role: string | null;
  land_m2: Decimal | null;
  floor_m2: Decimal | null;
  industry_code: string | null;
  is_scale: boolean | null;
};

export type YearFigures = {
  year: number;
  tax_wan?: Decimal | null;
  output_wan?: Decimal | null;
  value_added_wan?: Decimal | null;
  energy_tce?: Decimal | null;
  employees?: number | null;
  tax_wan_per_mu?: Decimal | null;
  output_wan_per_mu?: Decimal | null;
  complete: boolean;
  note: string | null;
};

export type Dossier = {
  parcel_code: string;
  name: string | null;
  address: string | null;
  town_code: string | null;
  town: string | null;
  responsible_unit: string | null;
  ownership: string | null;
  tenure: string | null;
  status: string | null;
  land_use_code: string | null;
  industry_code: string | null;
  area_registered_m2: Decimal | null;
  area_geom_m2: Decimal | null;
  area_mu: Decimal | null;
  area_basis: 'registered' | 'measured';
  far: Decimal | null;
  gfa_m2: Decimal | null;
  block_class: string | null;
  straddle: boolean | null;
  class_source: 'overlay' | 'officer' | null;
  shares?: Share[] | null;
  plan?: PlanHit[] | null;
  enterprises?: Occupant[] | null;
  years?: YearFigures[] | null;
  buildings: {
    count: number;
    floor_area_m2: Decimal | null;
    footprint_m2: Decimal | null;
    vacant_area_m2: Decimal | null;
  } | null;
  verdict?: {
    value: Verdict;
    ruleset: string;
    ruleset_title: Text;
    year: number;
    reasons?: string[] | null;
    evidence?: Evidence[] | null;
  } | null;
  point: Position | null;
  bbox: Bbox | null;
  geometry: Geometry | null;
  source: { file: string | null; imported_at: string | null; recorded_by: string | null } | null;
  withheld?: string[] | null;
};

export type SearchResult = {
  kind: string;
  label: string;
  detail: string | null;
  parcel_code: string | null;
  point: Position | null;
  bbox: Bbox | null;
};

export type Session = { role: Access; account: string | null };

export type ExportFormat = 'xlsx' | 'geojson';
