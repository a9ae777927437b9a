// The columns of a list, in the order of the offices' own sheets; which of them are written by hand, and how. Pure.
import type { Case } from '../api/lists';
import type { Unit } from '../api/schema';

export type Kind = 'text' | 'decimal' | 'whole' | 'date' | 'path' | 'nodes' | 'state' | 'class';

/** Members that somebody may write. */
export type Member =
  | 'responsible_unit'
  | 'leader'
  | 'person'
  | 'path'
  | 'enterprise_name'
  | 'use_planned'
  | 'project'
  | 'measures'
  | 'basis'
  | 'problem_kind'
  | 'problem'
  | 'note'
  | 'plan_area_mu'
  | 'plan_start'
  | 'plan_finish'
  | 'nodes'
  | 'investment_plan_wan'
  | 'investment_actual_wan'
  | 'energy_freed_tce'
  | 'plants_freed'
  | 'plant_freed_m2'
  | 'enterprises_cleared';

export type Column = {
  id: keyof Case;
  kind: Kind;
  width: number;
  /** Written by hand; the others come from the register, the run or the workflow. */
  editable: boolean;
  /** Has a sum at the foot, and the server has it under the same name. */
  summed: boolean;
  most: number;
  /** The key of its text, where that is not the id. */
  title?: string;
};

/** Those on the left that stay when the table is moved sideways. */
export const frozen = 2;

type Form = Omit<Column, 'id'>;

const column = (kind: Kind, width: number, more: Partial<Form> = {}): Form => ({
  kind,
  width,
  editable: false,
  summed: false,
  most: 200,
  ...more,
});
const own = { editable: true };

const forms: Partial<Record<keyof Case, Form>> = {
  case_code: column('text', 122),
  parcel_code: column('text', 174),
  responsible_unit: column('text', 96, { ...own, most: 100 }),
  name: column('text', 120),
  enterprise_name: column('text', 150, own),
  block_class: column('class', 76, { title: 'land_class' }),
  area_mu: column('decimal', 92, { summed: true }),
  tax_wan_per_mu: column('decimal', 116),
  tax_wan_per_mu_prev1: column('decimal', 116),
  state: column('state', 84),
  path: column('path', 92, own),
  plan_area_mu: column('decimal', 92, { ...own, summed: true }),
  person: column('text', 84, { ...own, most: 100 }),
  leader: column('text', 84, { ...own, most: 100 }),
  plan_start: column('date', 104, own),
  plan_finish: column('date', 104, own),
  nodes: column('nodes', 200, { ...own, most: 500 }),
  disposed_mu: column('decimal', 92, { summed: true }),
  remaining_mu: column('decimal', 92, { summed: true }),
  counted_mu: column('decimal', 92, { summed: true }),
  started_on: column('date', 104),
  finished_on: column('date', 104),
  use_planned: column('text', 120, own),
  measures: column('text', 180, { ...own, most: 5000 }),
  project: column('text', 140, { ...own, most: 500 }),
  investment_plan_wan: column('decimal', 110, { ...own, summed: true }),
  investment_actual_wan: column('decimal', 110, { ...own, summed: true }),
  energy_freed_tce: column('decimal', 112, { ...own, summed: true }),
  plants_freed: column('whole', 84, { ...own, summed: true }),
  plant_freed_m2: column('decimal', 104, { ...own, summed: true }),
  enterprises_cleared: column('whole', 84, { ...own, summed: true }),
  problem_kind: column('text', 100, { ...own, most: 100 }),
  problem: column('text', 200, { ...own, most: 2000 }),
  basis: column('text', 140, { ...own, most: 500 }),
  note: column('text', 200, { ...own, most: 2000 }),
};

export const columns: readonly Column[] = Object.entries(forms).map(([id, form]) => ({
  ...form,
  id: id as keyof Case,
}));

export function columnAt(col: number): Column {
  const found = columns[col];
  if (!found) throw new RangeError(`there is no column ${col}`);
  return found;
}

export const summed = columns.filter((it) => it.summed);
export const editable = columns.filter((it) => it.editable);

/** The unit of a figure, for its heading. */
export function unitOf(id: keyof Case): Unit | null {
  if (/_wan_per_mu|tax_wan_per_mu/.test(id)) return 'wan_per_mu';
  const unit = id.match(/_(mu|m2|wan|tce)$/)?.[1];
  return unit === undefined ? null : (unit as Unit);
}

/** Where each column begins, and the whole width at the end. */
export const lefts: readonly number[] = columns.reduce<number[]>(
  (all, it) => [...all, (all.at(-1) ?? 0) + it.width],
  [0],
);
export const frozenWidth = lefts[frozen] ?? 0;
export const fullWidth = lefts.at(-1) ?? 0;
