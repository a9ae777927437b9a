// Answers of the server for unit tests; their ids are of no real layer.
import type { Import, ImportTarget, Job, Report, TargetField } from '../api/schema';

const text = (zh: string) => ({ zh, en: zh });

export function sampleJob(change: Partial<Job> = {}): Job {
  return {
    job_id: '5f3f6f0a-0000-4000-8000-000000000001',
    kind: 'preview',
    state: 'done',
    batch_id: 7,
    run_id: null,
    progress: { stage: 'reading', rows: 10, total: 40 },
    error: null,
    cancel_requested: false,
    recorded_by: 'steward',
    created_at: '2026-09-01T08:00:00Z',
    started_at: null,
    finished_at: null,
    ...change,
  };
}

export function sampleReport(rows: Partial<Report['rows']> = {}, change: Partial<Report> = {}): Report {
  return {
    file: 'lots.zip',
    into: 'lots',
    title: text('lots'),
    dry_run: true,
    batch_id: 7,
    seen: 's1',
    format: 'ESRI Shapefile',
    layer_name: 'lots',
    encoding: null,
    crs: null,
    rows: {
      read: 10,
      written: 4,
      added: 3,
      changed: 1,
      unchanged: 4,
      repaired: 0,
      rejected: 2,
      merged: 0,
      passed_over: 0,
      blank: 0,
      not_in_file: 0,
      removed: 0,
      ...rows,
    },
    areas: null,
    columns: [
      { header: 'DKBM', samples: ['A1', 'A2'] },
      { header: 'MJ', samples: ['12.5'] },
      { header: 'BZ', samples: [] },
    ],
    mapping: [
      { header: 'DKBM', field: 'code', title: text('code'), how: 'alias' },
      { header: 'MJ', field: 'area', title: text('area'), how: 'alias', unit: '亩' },
    ],
    extra: ['BZ'],
    changes: [],
    notes: [],
    issues: [],
    seconds: 1,
    ...change,
  };
}

export function sampleImport(change: Partial<Import> = {}): Import {
  return {
    batch_id: 7,
    state: 'previewed',
    into: 'lots',
    file: 'lots.zip',
    files: [{ name: 'lots.zip', bytes: 2048, sha256: '00' }],
    options: { into: 'lots', replace: true },
    report: sampleReport(),
    job: sampleJob(),
    recorded_by: 'steward',
    recorded_at: '2026-09-01T08:00:00Z',
    applied_at: null,
    same_as: null,
    undoes: null,
    undone_by_batch: null,
    ...change,
  };
}

const field = (name: string, required: boolean, units: string[] = []): TargetField => ({
  name,
  title: text(name),
  type: units.length > 0 ? 'decimal' : 'text',
  unit: null,
  units,
  required,
});

export const sampleTarget: ImportTarget = {
  id: 'lots',
  title: text('lots'),
  about: text('lots'),
  group: 'layer',
  geometry: 'polygon',
  key: ['code'],
  fields: [field('code', true), field('area', false, ['平方米', '亩']), field('owner', true)],
};
