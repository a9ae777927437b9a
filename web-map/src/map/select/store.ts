// What the pointer is for: to look, to select, to measure. The selection itself is in the view, so that links and undo
// have it.
import { create } from 'zustand';
import type { Position } from '../../api/schema';

export const selectTools = ['box', 'lasso', 'polygon', 'circle'] as const;
export const measureTools = ['distance', 'area'] as const;
export type Tool = (typeof selectTools)[number] | (typeof measureTools)[number];
/** What a new selection does to the one there is. */
export type Combine = 'new' | 'add' | 'less';

type SelectStore = {
  tool: Tool | null;
  combine: Combine;
  /** Of the drawing that goes on, or of the measure that stands. */
  points: readonly Position[];
  isDone: boolean;
  isTableOpen: boolean;
  hovered: string | null;
};

export const useSelect = create<SelectStore>()(() => ({
  tool: null,
  combine: 'new',
  points: [],
  isDone: false,
  isTableOpen: false,
  hovered: null,
}));

/** The same tool again puts it down. */
export function takeTool(tool: Tool | null): void {
  useSelect.setState((now) => ({ tool: now.tool === tool ? null : tool, points: [], isDone: false }));
}

export function isMeasure(tool: Tool | null): boolean {
  return measureTools.some((it) => it === tool);
}

/** Parcels of a selection: what the server sums at once. */
export const chosenAtMost = 10_000;

/** Codes after a new selection; in the order in which they came. Pure. */
export function combined(before: readonly string[], found: readonly string[], how: Combine): string[] {
  if (how === 'new') return [...new Set(found)];
  if (how === 'add') return [...new Set([...before, ...found])];
  const gone = new Set(found);
  return before.filter((it) => !gone.has(it));
}

/** Codes in a pasted column, as the server parts lists of them. Pure. */
export function codesIn(text: string): string[] {
  const parts = text.split(/[\n\r\t,，、;；]/).map((it) => it.trim().replace(/^["'\ufeff]+|["']+$/g, ''));
  return [...new Set(parts.filter(Boolean))];
}
