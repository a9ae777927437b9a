// Which rows of a list are shown. Pure.
import type { Marks } from './GridRow';
import { shownRow, type Sheet } from './sheet';

export type Narrowing = { text: string; state: string | null; path: string | null; faulty: boolean };

export const noNarrowing: Narrowing = { text: '', state: null, path: null, faulty: false };

export const isNarrowed = (it: Narrowing) =>
  it.text.trim() !== '' || it.state !== null || it.path !== null || it.faulty;

const searched = [
  'case_code',
  'parcel_code',
  'name',
  'enterprise_name',
  'responsible_unit',
  'person',
] as const;

export function picked(sheet: Sheet, by: Narrowing, marks: ReadonlyMap<string, Marks>): readonly string[] {
  if (!isNarrowed(by)) return sheet.order;
  const wanted = by.text.trim().toLowerCase();
  return sheet.order.filter((code) => {
    const row = shownRow(sheet, code);
    if (!row) return false;
    if (by.faulty && !marks.has(code)) return false;
    if (by.state !== null && row.state !== by.state) return false;
    if (by.path !== null && (row.path ?? '') !== by.path) return false;
    return wanted === '' || searched.some((it) => row[it]?.toLowerCase().includes(wanted));
  });
}
