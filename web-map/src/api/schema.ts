// The server's JSON under the names that the screens use. The types are generated from the committed
// OpenAPI document (`npm run generate`); only what that document leaves open is narrowed here. Decimals
// are strings, so that no figure is rounded on its way; null is a missing figure.
import type { Geometry } from 'geojson';
import type { LayerSpecification } from 'maplibre-gl';
import type { components } from './schema.gen';

type Schemas = components['schemas'];
type Narrow<T, Known> = Omit<T, keyof Known> & Known;

export type Decimal = string;
export type Position = [lon: number, lat: number];
export type Bbox = [west: number, south: number, east: number, north: number];

export type Text = Schemas['Text'];
export type Draw = Schemas['Draw'];
export type Role = Schemas['MapRole'];
export type Unit = Schemas['Unit'];
/** `within_units`: the account's role holds in its responsible units only, elsewhere the field is withheld. */
export type Field = Schemas['FieldEntry'] & { within_units?: boolean };
export type AccountRole = Schemas['Role'];
export type Share = Schemas['Share'];
export type Evidence = Schemas['Evidence'];
export type YearFigures = Schemas['Year'];

/** The same condition as the row's CQL2 `filter`; no values at all stand for a missing one. */
export type Match = Narrow<Schemas['Match'], { values: (string | number | boolean)[] }>;
export type LegendRow = Narrow<Schemas['LegendEntry'], { match: Match | null }>;

/** A style layer whose source the server leaves open. */
export type StyleLayer = Omit<Exclude<LayerSpecification, { type: 'background' }>, 'source'> & {
  source?: never;
};

export type Layer = Narrow<
  Schemas['Entry'],
  {
    fields: Field[];
    legend: LegendRow[];
    style: StyleLayer[];
    data: Narrow<Schemas['Data'], { bounds: Bbox | null }>;
  }
>;
export type LayerTree = Narrow<Schemas['Tree'], { bounds: Bbox | null; layers: Layer[] }>;
export type Dossier = Narrow<Schemas['Dossier'], { point: Position; bbox: Bbox; geometry: Geometry }>;
export type SearchResult = Narrow<Schemas['Hit'], { point: Position; bbox: Bbox | null }>;

export type ExportFormat = 'xlsx' | 'geojson';

export type Session = {
  /** The role that answers now: after "view as". */
  role: AccountRole;
  account: string | null;
  own_role: AccountRole;
  view_as: AccountRole | null;
  /** Where the role holds; null is everywhere. */
  responsible_units: string[] | null;
  password_expires_at: string | null;
  must_change_password: boolean;
  sign_in: {
    password: boolean;
    password_rules?: { min_length: number; min_kinds: number };
    oidc: { title: string } | null;
  };
};

export type Token = {
  token_id: string;
  name: string;
  role: AccountRole;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
};

/** As it is answered once, when it is made. */
export type NewToken = Token & { token: string };

export type Account = {
  name: string;
  title: string | null;
  role: AccountRole;
  responsible_units: string[] | null;
  disabled: boolean;
  locked_until: string | null;
  last_sign_in_at: string | null;
  password_set_at: string | null;
  oidc_subject: string | null;
};

export type SignInLink = { url: string; expires_at: string };

export type AuditEvent = {
  event_id: number;
  account: string | null;
  action: string;
  subject: string;
  client: string | null;
  before: unknown;
  after: unknown;
  detail: unknown;
  happened_at: string;
};
