// Blocks of cells: which cell is next, what a block pasted, filled or cleared comes to. Pure.
import type { Case, Way } from '../api/lists';
import { nodesText, parseCell, type Value, type Why } from './cells';
import { columns, type Column, type Member } from './columns';

export type Place = { row: number; col: number };
/** From the cell where it began to the one that the keys move. */
export type Range = { anchor: Place; active: Place };
export type Box = { top: number; left: number; bottom: number; right: number };

export function boxOf({ anchor, active }: Range): Box {
  return {
    top: Math.min(anchor.row, active.row),
    bottom: Math.max(anchor.row, active.row),
    left: Math.min(anchor.col, active.col),
    right: Math.max(anchor.col, active.col),
  };
}

export const sizeOf = (it: Box) => (it.bottom - it.top + 1) * (it.right - it.left + 1);

type Key = { key: string; ctrl: boolean; shift: boolean };

/** Where a key leads, or null where it is none that moves. `page` is the number of rows in view. */
export function move(from: Place, { key, ctrl, shift }: Key, rows: number, page: number): Place | null {
  const last = { row: Math.max(0, rows - 1), col: columns.length - 1 };
  const within = (row: number, col: number) => ({
    row: Math.min(last.row, Math.max(0, row)),
    col: Math.min(last.col, Math.max(0, col)),
  });
  switch (key) {
    case 'ArrowUp':
      return within(ctrl ? 0 : from.row - 1, from.col);
    case 'ArrowDown':
      return within(ctrl ? last.row : from.row + 1, from.col);
    case 'ArrowLeft':
      return within(from.row, ctrl ? 0 : from.col - 1);
    case 'ArrowRight':
      return within(from.row, ctrl ? last.col : from.col + 1);
    case 'Home':
      return within(ctrl ? 0 : from.row, 0);
    case 'End':
      return within(ctrl ? last.row : from.row, last.col);
    case 'PageUp':
      return within(from.row - page, from.col);
    case 'PageDown':
      return within(from.row + page, from.col);
    case 'Enter':
      return within(from.row + (shift ? -1 : 1), from.col);
    case 'Tab':
      return tab(from, shift ? -1 : 1, last);
    default:
      return null;
  }
}

/** The next cell, in the next row behind the last one; none behind the last row: the focus then leaves the table. */
function tab(from: Place, by: 1 | -1, last: Place): Place | null {
  const col = from.col + by;
  if (col >= 0 && col <= last.col) return { row: from.row, col };
  const row = from.row + by;
  return row < 0 || row > last.row ? null : { row, col: by === 1 ? 0 : last.col };
}

export type Rows = { codes: readonly string[]; row: (code: string) => Case | undefined };
export type Wanted = { code: string; member: Member; value: Value };
export type Rejected = { row: number; column: Column; text: string; why: Why };
export type Plan = { wanted: Wanted[]; rejected: Rejected[] };

/** A pasted block from the upper left of the selection; a selection that it fits into several times is filled. */
export function paste(
  rows: Rows,
  box: Box,
  block: readonly (readonly string[])[],
  ways: readonly Way[],
): Plan {
  const width = Math.max(0, ...block.map((it) => it.length));
  if (width === 0) return { wanted: [], rejected: [] };
  const times = (selected: number, own: number) => (selected % own === 0 ? Math.max(selected, own) : own);
  const high = times(box.bottom - box.top + 1, block.length);
  const wide = times(box.right - box.left + 1, width);
  return plan(
    rows,
    { ...box, bottom: box.top + high - 1, right: box.left + wide - 1 },
    (row, col) => block[row % block.length]?.[col % width],
    ways,
  );
}

/** The first row of the selection into all below; one row alone takes what is above it. */
export function fillDown(rows: Rows, box: Box, ways: readonly Way[]): Plan {
  const single = box.top === box.bottom;
  if (single && box.top === 0) return { wanted: [], rejected: [] };
  const source = rows.row(rows.codes[single ? box.top - 1 : box.top] ?? '');
  if (!source) return { wanted: [], rejected: [] };
  const top = single ? box.top : box.top + 1;
  return plan(
    rows,
    { ...box, top },
    (_, col) => rawText(source, columns[box.left + col], ways),
    ways,
    'skip',
  );
}

export function fillWith(rows: Rows, box: Box, text: string, ways: readonly Way[]): Plan {
  return plan(rows, box, () => text, ways);
}

export const clear = (rows: Rows, box: Box, ways: readonly Way[]): Plan =>
  plan(rows, box, () => '', ways, 'skip');

/** `skip`: cells that nobody writes by hand are passed over, not rejected. */
function plan(
  rows: Rows,
  box: Box,
  textAt: (row: number, col: number) => string | undefined,
  ways: readonly Way[],
  fixed: 'skip' | 'reject' = 'reject',
): Plan {
  const wanted: Wanted[] = [];
  const rejected: Rejected[] = [];
  for (let row = box.top; row <= Math.min(box.bottom, rows.codes.length - 1); row += 1) {
    const code = rows.codes[row] ?? '';
    let path = rows.row(code)?.path ?? null;
    for (let col = box.left; col <= Math.min(box.right, columns.length - 1); col += 1) {
      const column = columns[col];
      const text = textAt(row - box.top, col - box.left);
      if (!column || text === undefined || (fixed === 'skip' && !column.editable)) continue;
      const own = rows.row(code);
      // A block that was copied from this table has fixed columns, too: what is there already is no fault.
      if (!column.editable && own && rawText(own, column, ways) === text.trim()) continue;
      const parsed = parseCell(column, text, path, ways);
      if ('why' in parsed) rejected.push({ row, column, text, why: parsed.why });
      else {
        wanted.push({ code, member: column.id as Member, value: parsed.value });
        // Milestones that stand in the same block are those of the path that comes with them.
        if (column.id === 'path') path = parsed.value as string | null;
      }
    }
  }
  return { wanted, rejected };
}

/** A cell in full, as it is edited and copied: no digit is rounded away. */
export function rawText(row: Case, column: Column | undefined, ways: readonly Way[]): string {
  if (!column) return '';
  if (column.kind === 'nodes') return nodesText(row, ways);
  const value = row[column.id];
  if (column.kind === 'path') return ways.find((it) => it.id === value)?.title.zh ?? '';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function copy(rows: Rows, box: Box, ways: readonly Way[]): string[][] {
  const wanted = columns.slice(box.left, box.right + 1);
  return rows.codes.slice(box.top, box.bottom + 1).map((code) => {
    const row = rows.row(code);
    return wanted.map((column) => (row ? rawText(row, column, ways) : ''));
  });
}
