// The list that is open, and its way to and from the server: loaded in pages, saved by itself, told every few seconds what
// others wrote. What becomes of all that is `sheet.ts`.
import { create } from 'zustand';
import { changeCases, getCases, noteEvent, type Case, type Totals } from '../api/lists';
import { Problem } from '../api/client';
import type { Value } from './cells';
import { summed, type Member } from './columns';
import { standing, type Turn } from './reverse';
import * as sheets from './sheet';
import type { Conflict, Sheet } from './sheet';
import { sum } from './sums';

type Store = {
  sheet: Sheet;
  /** The server's, of the whole list. */
  total: Totals | null;
  isLoaded: boolean;
  isSaving: boolean;
  /** Events are being taken back, or done again. */
  isTurning: boolean;
  /** The list is closed: nothing in it is written any more. */
  isFixed: boolean;
  /** Why the last reading or saving failed; what was written stays and is sent again. */
  failure: unknown;
};

const nothing: Store = {
  sheet: sheets.emptySheet,
  total: null,
  isLoaded: false,
  isSaving: false,
  isTurning: false,
  isFixed: false,
  failure: null,
};

export const useStore = create<Store>()(() => nothing);

/** Milliseconds without a keystroke before it is saved, between looks at what others wrote, and before a failure is tried again. */
const pause = 500;
const look = 4_000;
const retry = 3_000;
/** Rows of one request: so many that a filled column is few requests, so few that one is done in a moment. */
const atOnce = 500;

let listId: number | null = null;
let saveTimer: ReturnType<typeof setTimeout> | undefined;

const update = (turn: (sheet: Sheet) => Sheet) => useStore.setState(({ sheet }) => ({ sheet: turn(sheet) }));

/** Opens a list; returns the way to close it. */
export function openList(id: number): () => void {
  listId = id;
  useStore.setState(nothing);
  const stop = new AbortController();
  void load(id, stop.signal);
  const timer = setInterval(() => {
    if (!document.hidden) void refresh();
  }, look);
  const leave = (event: BeforeUnloadEvent) => {
    if (sheets.isUnsaved(useStore.getState().sheet)) event.preventDefault();
  };
  addEventListener('beforeunload', leave);
  return () => {
    void save();
    stop.abort();
    clearInterval(timer);
    removeEventListener('beforeunload', leave);
    listId = null;
  };
}

async function load(id: number, signal?: AbortSignal): Promise<void> {
  const all: Case[] = [];
  try {
    for (let after: number | null = null; ;) {
      const page = await getCases(id, { after }, signal);
      if (listId !== id) return;
      all.push(...page.cases);
      if (page.next === null) {
        useStore.setState({ total: page.total, isLoaded: true, failure: null });
        return update((it) => sheets.replaced(it, all));
      }
      update((it) => sheets.received(it, page.cases));
      useStore.setState({ total: page.total });
      after = page.next;
    }
  } catch (error) {
    if (!signal?.aborted) useStore.setState({ failure: error });
  }
}

/** What others wrote since. */
export async function refresh(): Promise<void> {
  const { sheet, isLoaded, isSaving } = useStore.getState();
  const id = listId;
  if (id === null || isSaving) return;
  if (!isLoaded) return load(id);
  const newest = [...sheet.rows.values()].reduce((most, it) => Math.max(most, it.row_id), 0);
  try {
    const page = await getCases(id, { newerThan: newest });
    if (listId !== id) return;
    const before = useStore.getState();
    update((it) => sheets.received(it, page.cases));
    useStore.setState({ failure: null });
    // Nothing has happened: the sums of ten thousand rows need not be made again.
    if (page.cases.length === 0 && JSON.stringify(before.total) === JSON.stringify(page.total)) return;
    useStore.setState({ total: page.total });
    // A case may have gone to a unit that one does not answer for: then the sums tell.
    if (page.next !== null || !agrees(useStore.getState())) await load(id);
  } catch (error) {
    useStore.setState({ failure: error });
  }
}

/** Whether the rows come to the server's sums, where nothing waits to be saved. */
export function agrees({ sheet, total }: Pick<Store, 'sheet' | 'total'>): boolean {
  if (!total || sheet.dirty.size > 0) return true;
  const counted = [...sheet.rows.values()].filter((it) => it.state !== 'removed');
  return (
    counted.length === total.cases &&
    summed.every(({ id }) => {
      const own = sum(counted.map((it) => it[id] as string | null));
      return own === sum([total[id as keyof Totals] as string]);
    })
  );
}

function saveSoon(after = pause): void {
  clearTimeout(saveTimer);
  saveTimer = setTimeout(() => void save(), after);
}

/** Sends what was written. */
export async function save(): Promise<void> {
  const id = listId;
  const { isSaving, sheet } = useStore.getState();
  if (id === null || isSaving) return;
  const sent = sheets.toSend(sheet, atOnce);
  if (sent.length === 0) return;
  useStore.setState({ isSaving: true });
  try {
    const made = await changeCases(id, sent);
    if (listId !== id) return;
    update((it) =>
      sheets.refused(sheets.received(sheets.saved(it, sent, made.saved), made.overtaken), sent, made.refused),
    );
    useStore.setState({ total: made.total, failure: null, isSaving: false });
    saveSoon(0);
  } catch (error) {
    if (listId !== id) return;
    useStore.setState({ isSaving: false, failure: error });
    const status = error instanceof Problem ? error.status : 500;
    if (status === 0 || status >= 500 || status === 429) saveSoon(retry);
  }
}

export function writeCells(
  label: string,
  wanted: readonly { code: string; member: Member; value: Value }[],
): void {
  if (useStore.getState().isFixed) return;
  update((it) => sheets.write(it, label, wanted));
  saveSoon();
}

/** One cell, read as `seen` when somebody began to type. */
export function writeCell(label: string, code: string, member: Member, value: Value, seen: Value): void {
  if (useStore.getState().isFixed) return;
  update((it) => sheets.writeSeen(it, label, { code, member, value }, seen));
  saveSoon();
}

/** What came of an undo or redo; `why` of the first event that was refused. */
export type Outcome = Omit<sheets.Stepped, 'sheet'> & { why: unknown };

export const undoLast = () => stepped(sheets.undo, 'done');
export const redoLast = () => stepped(sheets.redo, 'undone');

async function stepped(step: typeof sheets.undo, from: 'done' | 'undone'): Promise<Outcome> {
  const command = useStore.getState().sheet[from].at(-1);
  const out = command?.turns ? await turned(command.turns, from === 'done') : { skipped: 0, why: null };
  // Somebody may have written meanwhile: then that is the last act, and this one is not taken from below it.
  const { sheet } = useStore.getState();
  if (command?.turns && (out === null || sheet[from].at(-1) !== command)) {
    return { label: null, skipped: 0, why: out?.why ?? null };
  }
  const { label, skipped, sheet: next } = step(sheet);
  update(() => next);
  saveSoon();
  return { label, skipped: skipped + (out?.skipped ?? 0), why: out?.why ?? null };
}

/**
 * Takes events back by events, the last first, or does them again. A case that somebody has moved since stays where it is. Null
 * where nothing can be asked now: then the act stays the last one.
 */
async function turned(
  turns: readonly Turn[],
  isBack: boolean,
): Promise<{ skipped: number; why: unknown } | null> {
  if (useStore.getState().isTurning) return null;
  useStore.setState({ isTurning: true });
  const id = listId;
  let [skipped, why] = [0, null as unknown];
  try {
    await save();
    for (const it of isBack ? [...turns].reverse() : turns) {
      if (listId !== id) return null;
      const row = useStore.getState().sheet.rows.get(it.code);
      if (!row || standing(row, it.milestone) !== (isBack ? it.after : it.before)) {
        skipped += 1;
        continue;
      }
      try {
        take((await noteEvent(row, isBack ? it.back : it.again)).case);
      } catch (error) {
        // Without the server the rest stays to be done; a refusal is that event's own.
        const status = error instanceof Problem ? error.status : 0;
        if (status === 0 || status >= 500) throw error;
        skipped += 1;
        why ??= error;
      }
    }
    return { skipped, why };
  } catch (error) {
    useStore.setState({ failure: error });
    return null;
  } finally {
    useStore.setState({ isTurning: false });
    if (turns.length > 1) void refresh();
  }
}

/** Events that were noted here, so that Ctrl+Z knows of them. */
export function remember(label: string, turns: readonly (Turn | null)[]): void {
  const all = turns.filter((it) => it !== null);
  update((it) => sheets.happened(it, label, all));
}

export function choose(conflict: Conflict, which: 'mine' | 'theirs'): void {
  update((it) => sheets.resolve(it, conflict, which));
  saveSoon(0);
}

/** A row that came of a step in the workflow. */
export function take(row: Case): void {
  update((it) => sheets.received(it, [row]));
}
