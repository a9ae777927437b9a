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
export type Field = Schemas['FieldEntry'];
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
    legend: LegendRow[];
    style: StyleLayer[];
    data: Narrow<Schemas['Data'], { bounds: Bbox | null }>;
  }
>;
export type LayerTree = Narrow<Schemas['Tree'], { bounds: Bbox | null; layers: Layer[] }>;
export type Dossier = Narrow<Schemas['Dossier'], { point: Position; bbox: Bbox; geometry: Geometry }>;
export type Buildings = Schemas['Buildings'];
export type Measured = Schemas['MeasuredValue'];
export type Origin = Schemas['ValueOrigin'];
export type ParcelEvaluation = Schemas['ParcelEvaluation'];
export type ParcelEvaluations = Schemas['ParcelEvaluations'];
export type ParcelHistory = Schemas['History'];
export type SearchResult = Narrow<Schemas['Hit'], { point: Position; bbox: Bbox | null }>;

export type ExportFormat = 'xlsx' | 'geojson' | 'csv';

export type Session = Schemas['Session'];
export type PasswordRules = Schemas['PasswordRules'];
export type Token = Schemas['Token'];
/** As it is answered once, when it is made. */
export type MadeToken = Token & { token: string };
export type Account = Schemas['Account'];
export type SignInLink = Schemas['Link'];
export type AuditEvent = Schemas['AuditEvents']['audit_events'][number];

export type ImportTarget = Schemas['ImportTarget'];
export type TargetField = Schemas['TargetField'];
export type Job = Schemas['Job'];
export type JobError = NonNullable<Job['error']>;
export type Severity = Schemas['Severity'];
export type Finding = Narrow<Schemas['StoredIssue'], { bbox: Bbox | null }>;
export type ChangeKind = Schemas['ChangeKind'];
export type FieldChange = Schemas['FieldChange'];
export type Change = Schemas['Changes']['changes'][number];
export type Dependent = Schemas['Dependent'];
/** As they are sent: what is left out is found by the server. */
export type ColumnDetail = Partial<Schemas['Detail']>;
export type MappingFile = Partial<Omit<Schemas['MappingFile'], 'columns'>> & {
  columns: Record<string, string | ColumnDetail>;
};
export type ImportOptions = Pick<Schemas['ImportOptions'], 'into' | 'replace'> &
  Partial<Narrow<Schemas['ImportOptions'], { mapping: MappingFile | null }>>;
/** The newer members are left out of imports from before they were kept. */
export type CrsChoice = Pick<Schemas['CrsChoice'], 'name' | 'how' | 'reprojected'> &
  Partial<Schemas['CrsChoice']>;
export type Report = Narrow<
  Schemas['Report'],
  { crs: CrsChoice | null; columns?: Pick<Schemas['FileColumn'], 'header' | 'samples'>[] }
>;
export type Import = Narrow<Schemas['Import'], { options: ImportOptions | null; report: Report | null }>;

export type RuleSet = Schemas['ListedRuleSet'];
export type Parameter = Schemas['RuleParameter'];
export type RuleChanges = {
  parameters: Record<string, string | number | boolean>;
  rules: Record<string, Schemas['ChangedRule'] | null>;
};
export type Preview = Schemas['Preview'];
export type PreviewGroup = Schemas['PreviewGroup'];
export type PreviewFigures = Schemas['PreviewFigures'];
export type Verdicts = Schemas['PreviewVerdicts'];
export type Distance = Schemas['PreviewDistance'];
export type Scenario = Narrow<Schemas['Scenario'], { changes: RuleChanges }>;
export type Comparison = Schemas['ScenarioComparison'];
export type AdoptedRuleSet = Schemas['AdoptedRuleSet'];
export type Run = Schemas['EvaluationRun'];
export type Evaluation = Schemas['Evaluation'];
export type Ranked = Schemas['RankedEnterprise'];
export type EnterpriseResult = Schemas['EnterpriseResult'];
export type ScoreItem = Schemas['ScoreItem'];
export type Objection = Schemas['Objection'];
export type Scheme = Schemas['Scheme'];
export type SchemeMeasure = Schemas['Schemes']['measures'][number];
export type CheckedScheme = Schemas['Checked'];
