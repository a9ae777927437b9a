// What the server answers of imports and jobs.
import type { Bbox, Text, Unit } from './schema';

export type BatchState = 'uploaded' | 'previewed' | 'applied' | 'undone' | 'discarded';
export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
export type JobError = {
  title: string;
  detail: string;
  /** The option that answers it, where only a person can. */
  parameter?: string | null;
  choices?: string[] | null;
};
export type Job = {
  job_id: string;
  kind: string;
  state: JobState;
  batch_id: number | null;
  progress: { stage: string | null; rows: number; total: number | null };
  error: JobError | null;
  cancel_requested: boolean;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
};

export type ColumnDetail = {
  header?: string | null;
  unit?: string | null;
  scale?: string | null;
  constant?: string | null;
  values?: Record<string, string>;
  combine?: 'sum' | 'max' | 'min' | 'first' | null;
};
export type MappingFile = {
  columns: Record<string, string | ColumnDetail>;
  rows?: { group_by: string[] };
  aliases?: boolean;
};
export type ImportOptions = {
  into: string;
  layer_name?: string | null;
  source_crs?: string | null;
  swap_axes?: boolean | null;
  encoding?: string | null;
  mapping?: MappingFile | null;
  replace: boolean;
};

export type Severity = 'error' | 'warning';
export type Finding = {
  issue_id: number;
  severity: Severity;
  rule: string;
  row: number | null;
  field: string | null;
  value: string | null;
  message: string;
  mend: string | null;
  /** West, south, east, north of the place. */
  bbox: Bbox | null;
};
export type IssueGroup = { severity: Severity; rule: string; title: Text; count: number };
export type Mapped = {
  header: string;
  field: string;
  title: Text;
  how: string;
  unit?: string | null;
  to_unit?: string | null;
  factor?: string | null;
};
export type FileColumn = { header: string; samples: string[]; unit?: string | null };
export type CrsChoice = {
  name: string;
  how: string;
  reprojected: boolean;
  confidence?: string | null;
  reasons?: Text[];
  candidates?: { code: string; swapped: boolean; why: Text; distance_km: number | null }[];
  swapped?: boolean;
  warnings?: Text[];
};
export type Report = {
  file: string;
  into: string;
  title: Text;
  dry_run: boolean;
  batch_id: number | null;
  seen: string;
  format: string;
  layer_name: string | null;
  encoding: { name: string; how: string; sample: string } | null;
  crs: CrsChoice | null;
  rows: {
    read: number;
    written: number;
    added: number;
    changed: number;
    unchanged: number;
    repaired: number;
    rejected: number;
    merged: number;
    passed_over: number;
    blank: number;
    not_in_file: number;
    removed: number;
  };
  areas: { accepted_m2: number; repaired_before_m2: number; repaired_after_m2: number } | null;
  columns?: FileColumn[];
  mapping: Mapped[];
  mapping_from?: number | null;
  extra: string[];
  notes: string[];
  issues: IssueGroup[];
  seconds: number;
};

export type Import = {
  batch_id: number;
  state: BatchState;
  into: string | null;
  /** The file that is opened. */
  file: string;
  files: { name: string; bytes: number }[];
  options: ImportOptions | null;
  report: Report | null;
  job: Job | null;
  recorded_by: string;
  recorded_at: string;
  applied_at: string | null;
  /** An earlier import of the very same files. */
  same_as: number | null;
  /** The import that this one took back. */
  undoes: number | null;
  undone_by_batch: number | null;
};

export type ChangeKind = 'added' | 'changed' | 'missing';
export type FieldChange = { field: string; before: unknown; after: unknown };
export type Change = {
  kind: ChangeKind;
  /** Its place among those of its kind. */
  nth: number;
  key: string;
  source_row: number | null;
  fields: FieldChange[];
  changed_m2: number | string | null;
};

export type Dependent = { what: Text; count: number; examples: string[] };

export type TargetField = {
  name: string;
  title: Text;
  type: string;
  unit: Unit | null;
  /** Spellings of units that convert into the field's own. */
  units: string[];
  required: boolean;
};
export type ImportTarget = {
  id: string;
  title: Text;
  about: Text;
  group: 'layer' | 'table';
  geometry: string | null;
  key: string[];
  fields: TargetField[];
};
