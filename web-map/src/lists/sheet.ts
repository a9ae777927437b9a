// A list as it is being edited: the server's rows, what was written here and not saved yet, what somebody else wrote at the same
// time, and how to undo all of it. Pure: every function gives a new sheet.
import type { Case } from '../api/lists';
import { same, type Value } from './cells';
import type { Member } from './columns';
import type { Turn } from './reverse';

export type Edit = { code: string; member: Member; before: Value; after: Value };
/** What one act of somebody did: one cell or a thousand, or events, which are taken back by events. */
export type Command = { label: string; edits: readonly Edit[]; turns?: readonly Turn[] };
/** A cell that two people wrote; nothing is sent for it until somebody chooses. */
export type Conflict = { code: string; member: Member; mine: Value; theirs: Value; by: string; at: string };
export type Refusal = { code: string; member: Member; why: string };
type Values = Readonly<Partial<Record<Member, Value>>>;

export type Sheet = {
  rows: ReadonlyMap<string, Case>;
  /** In the order in which they came in. */
  order: readonly string[];
  dirty: ReadonlyMap<string, Values>;
  conflicts: readonly Conflict[];
  /** What the server did not take; it is sent again when it is written again. */
  refusals: readonly Refusal[];
  done: readonly Command[];
  undone: readonly Command[];
};

export const emptySheet: Sheet = {
  rows: new Map(),
  order: [],
  dirty: new Map(),
  conflicts: [],
  refusals: [],
  done: [],
  undone: [],
};

/** Commands that can be undone. */
const remembered = 500;

export function valueOf(sheet: Sheet, code: string, member: Member): Value {
  const conflict = sheet.conflicts.find((it) => it.code === code && it.member === member);
  if (conflict) return conflict.mine;
  const own = sheet.dirty.get(code);
  if (own && member in own) return own[member] ?? null;
  return (sheet.rows.get(code)?.[member] ?? null) as Value;
}

/** A row as it is shown: the server's, with what was written here. */
export function shownRow(sheet: Sheet, code: string): Case | undefined {
  const row = sheet.rows.get(code);
  const own = sheet.dirty.get(code);
  const mine = sheet.conflicts.filter((it) => it.code === code);
  if (!row || (!own && mine.length === 0)) return row;
  return { ...row, ...own, ...Object.fromEntries(mine.map((it) => [it.member, it.mine])) } as Case;
}

/** Writes values; what is so already is no edit. */
export function write(
  sheet: Sheet,
  label: string,
  wanted: readonly { code: string; member: Member; value: Value }[],
): Sheet {
  const edits = wanted
    .map((it) => ({
      code: it.code,
      member: it.member,
      before: valueOf(sheet, it.code, it.member),
      after: it.value,
    }))
    .filter((it) => sheet.rows.has(it.code) && !same(it.before, it.after));
  if (edits.length === 0) return sheet;
  const done = [...sheet.done, { label, edits }].slice(-remembered);
  return { ...put(sheet, edits), done, undone: [] };
}

function put(sheet: Sheet, edits: readonly Edit[]): Sheet {
  const dirty = new Map(sheet.dirty);
  const touched = new Set(edits.map((it) => `${it.code} ${it.member}`));
  const untouched = (it: { code: string; member: Member }) => !touched.has(`${it.code} ${it.member}`);
  for (const it of edits) {
    dirty.set(it.code, { ...dirty.get(it.code), [it.member]: it.after });
  }
  return {
    ...sheet,
    dirty,
    // Who writes a cell again has seen what the other one wrote.
    conflicts: sheet.conflicts.filter(untouched),
    refusals: sheet.refusals.filter(untouched),
  };
}

export type Stepped = { sheet: Sheet; label: string | null; skipped: number };

/** Events that happened here can be undone like cells. */
export function happened(sheet: Sheet, label: string, turns: readonly Turn[]): Sheet {
  if (turns.length === 0) return sheet;
  return { ...sheet, done: [...sheet.done, { label, edits: [], turns }].slice(-remembered), undone: [] };
}

/** Takes the last act back. A cell that somebody has changed since keeps what they wrote. */
export function undo(sheet: Sheet): Stepped {
  const command = sheet.done.at(-1);
  if (!command) return { sheet, label: null, skipped: 0 };
  const { next, skipped } = step(sheet, command, (it) => ({ ...it, before: it.after, after: it.before }));
  return {
    sheet: { ...next, done: sheet.done.slice(0, -1), undone: [...sheet.undone, command] },
    label: command.label,
    skipped,
  };
}

export function redo(sheet: Sheet): Stepped {
  const command = sheet.undone.at(-1);
  if (!command) return { sheet, label: null, skipped: 0 };
  const { next, skipped } = step(sheet, command, (it) => it);
  return {
    sheet: { ...next, undone: sheet.undone.slice(0, -1), done: [...sheet.done, command] },
    label: command.label,
    skipped,
  };
}

function step(sheet: Sheet, command: Command, turn: (it: Edit) => Edit) {
  const turned = command.edits.map(turn);
  const edits = turned.filter((it) => same(valueOf(sheet, it.code, it.member), it.before));
  return { next: put(sheet, edits), skipped: turned.length - edits.length };
}

export type Change = { case_code: string; row_id: number; properties: Record<string, Value> };

/** What is to be saved, but for what the server refused and what two people wrote. */
export function toSend(sheet: Sheet, most: number): Change[] {
  const changes: Change[] = [];
  for (const [code, values] of sheet.dirty) {
    const row = sheet.rows.get(code);
    const refused = new Set(sheet.refusals.filter((it) => it.code === code).map((it) => it.member as string));
    const properties = Object.fromEntries(
      Object.entries(values).filter(([member]) => !refused.has(member)),
    ) as Record<string, Value>;
    if (!row || Object.keys(properties).length === 0) continue;
    changes.push({ case_code: code, row_id: row.row_id, properties });
    if (changes.length === most) break;
  }
  return changes;
}

/** After saving: what was sent is the server's; what was written meanwhile stays to be sent. */
export function saved(sheet: Sheet, sent: readonly Change[], rows: readonly Case[]): Sheet {
  const dirty = new Map(sheet.dirty);
  const all = new Map(sheet.rows);
  for (const row of rows) {
    const code = row.case_code;
    const values = sent.find((it) => it.case_code === code)?.properties ?? {};
    // Meanwhile a newer one may have come.
    if ((all.get(code)?.row_id ?? 0) <= row.row_id) all.set(code, row);
    const left = Object.entries(dirty.get(code) ?? {}).filter(
      ([member, value]) => !(member in values) || !same(value, values[member]),
    );
    if (left.length > 0) dirty.set(code, Object.fromEntries(left) as Values);
    else dirty.delete(code);
  }
  return { ...sheet, rows: all, dirty };
}

/** What the server did not take. Without a member all that was sent of the row is meant. */
export function refused(
  sheet: Sheet,
  sent: readonly Change[],
  told: readonly { case_code: string; at: string | null; why: string }[],
): Sheet {
  const added = told.flatMap((it) => {
    const member = it.at?.match(/properties\.(\w+)/)?.[1];
    const members = member ? [member] : Object.keys(sentOf(sent, it.case_code));
    return members.map((one) => ({ code: it.case_code, member: one as Member, why: it.why }));
  });
  return { ...sheet, refusals: [...sheet.refusals, ...added] };
}

const sentOf = (sent: readonly Change[], code: string) =>
  sent.find((it) => it.case_code === code)?.properties ?? {};

/** Newer rows of others. A cell that both wrote is a conflict; the rest of a row goes together. */
export function received(sheet: Sheet, rows: readonly Case[]): Sheet {
  const news = rows.filter((it) => (sheet.rows.get(it.case_code)?.row_id ?? -1) < it.row_id);
  if (news.length === 0) return sheet;
  const all = new Map(sheet.rows);
  const dirty = new Map(sheet.dirty);
  let conflicts = sheet.conflicts;
  for (const row of news) {
    const code = row.case_code;
    const before = sheet.rows.get(code);
    all.set(code, row);
    const left: [string, Value][] = [];
    for (const [name, mine] of Object.entries(dirty.get(code) ?? {})) {
      const member = name as Member;
      const theirs = row[member] as Value;
      if (same(mine, theirs)) continue;
      if (before && same(before[member] as Value, theirs)) left.push([name, mine]);
      else conflicts = [...conflicts, conflict(row, member, mine)];
    }
    if (left.length > 0) dirty.set(code, Object.fromEntries(left) as Values);
    else dirty.delete(code);
    // What they wrote in the meantime is what there is to choose from.
    conflicts = conflicts
      .map((it) => (it.code === code ? conflict(row, it.member, it.mine) : it))
      .filter((it) => !same(it.mine, it.theirs));
  }
  const known = new Set(sheet.order);
  const added = news.filter((it) => !known.has(it.case_code)).map((it) => it.case_code);
  return { ...sheet, rows: all, dirty, conflicts, order: [...sheet.order, ...added] };
}

const conflict = (row: Case, member: Member, mine: Value): Conflict => ({
  code: row.case_code,
  member,
  mine,
  theirs: row[member] as Value,
  by: row.recorded_by,
  at: row.recorded_at,
});

/** Writes a cell that was read as `seen` when somebody began to type: what another wrote meanwhile is not written over. */
export function writeSeen(
  sheet: Sheet,
  label: string,
  it: { code: string; member: Member; value: Value },
  seen: Value,
): Sheet {
  const now = valueOf(sheet, it.code, it.member);
  const row = sheet.rows.get(it.code);
  const isOwn = it.member in (sheet.dirty.get(it.code) ?? {});
  if (!row || isOwn || same(now, seen) || same(now, it.value)) return write(sheet, label, [it]);
  if (same(it.value, seen)) return sheet;
  return { ...sheet, conflicts: [...sheet.conflicts, conflict(row, it.member, it.value)] };
}

/** All rows anew: those that are not there any more are gone, with what was written into them. */
export function replaced(sheet: Sheet, rows: readonly Case[]): Sheet {
  const here = new Set(rows.map((it) => it.case_code));
  const next = received(sheet, rows);
  return {
    ...next,
    order: rows.map((it) => it.case_code),
    rows: new Map([...next.rows].filter(([code]) => here.has(code))),
    dirty: new Map([...next.dirty].filter(([code]) => here.has(code))),
    conflicts: next.conflicts.filter((it) => here.has(it.code)),
  };
}

/** Somebody chose. What is mine is written over theirs, and undoing it gives theirs back. */
export function resolve(sheet: Sheet, it: Conflict, chosen: 'mine' | 'theirs'): Sheet {
  const mine = (one: { code: string; member: Member }) => one.code === it.code && one.member === it.member;
  const conflicts = sheet.conflicts.filter((one) => !mine(one));
  if (chosen === 'theirs') return { ...sheet, conflicts };
  const values = { ...sheet.dirty.get(it.code), [it.member]: it.mine };
  const edits = (command: Command): Command => ({
    ...command,
    edits: command.edits.map((one) =>
      mine(one) && same(one.after, it.mine) ? { ...one, before: it.theirs } : one,
    ),
  });
  return {
    ...sheet,
    conflicts,
    dirty: new Map(sheet.dirty).set(it.code, values),
    done: sheet.done.map(edits),
  };
}

/** Whether something was written here that the server does not have. */
export const isUnsaved = (sheet: Sheet) => sheet.dirty.size > 0 || sheet.conflicts.length > 0;
