import { describe, expect, it } from 'vitest';
import type { Case } from '../api/lists';
import {
  emptySheet,
  isUnsaved,
  received,
  redo,
  refused,
  resolve,
  saved,
  toSend,
  undo,
  valueOf,
  write,
  type Sheet,
} from './sheet';

const row = (code: string, rowId: number, more: Partial<Case> = {}): Case =>
  ({
    case_code: code,
    row_id: rowId,
    person: null,
    note: null,
    plan_area_mu: null,
    nodes: {},
    reached: {},
    recorded_by: 'li',
    recorded_at: '2026-05-01T00:00:00Z',
    ...more,
  }) as Case;

const sheetOf = (...rows: Case[]): Sheet => received(emptySheet, rows);
const set = (sheet: Sheet, code: string, value: string | null, member: 'person' | 'note' = 'person') =>
  write(sheet, 'x', [{ code, member, value }]);

describe('a sheet', () => {
  it('sends what differs and keeps what was written meanwhile', () => {
    let sheet = set(sheetOf(row('A', 1), row('B', 2)), 'A', '甲');
    const sent = toSend(sheet, 10);
    expect(sent).toEqual([{ case_code: 'A', row_id: 1, properties: { person: '甲' } }]);
    sheet = set(set(sheet, 'A', '乙'), 'A', '注', 'note');
    sheet = saved(sheet, sent, [row('A', 3, { person: '甲' })]);
    expect(toSend(sheet, 10)).toEqual([
      { case_code: 'A', row_id: 3, properties: { person: '乙', note: '注' } },
    ]);
    sheet = saved(sheet, toSend(sheet, 10), [row('A', 4, { person: '乙', note: '注' })]);
    expect(isUnsaved(sheet)).toBe(false);
    expect(toSend(sheet, 10)).toEqual([]);
    // What is so already is no act.
    expect(set(sheet, 'A', '乙').done).toBe(sheet.done);
  });

  it('undoes and redoes a thousand cells as one act', () => {
    const rows = Array.from({ length: 1000 }, (_, nth) => row(`C${nth}`, nth + 1));
    const start = sheetOf(...rows);
    const filled = write(
      start,
      '填充',
      rows.map((it) => ({ code: it.case_code, member: 'person' as const, value: '甲' })),
    );
    expect(toSend(filled, 500)).toHaveLength(500);
    const back = undo(filled);
    expect([back.label, back.skipped]).toEqual(['填充', 0]);
    expect(rows.every((it) => valueOf(back.sheet, it.case_code, 'person') === null)).toBe(true);
    const again = redo(back.sheet);
    expect(rows.every((it) => valueOf(again.sheet, it.case_code, 'person') === '甲')).toBe(true);
    expect(undo(undo(again.sheet).sheet).label).toBeNull();
    // Something new leaves nothing to be redone.
    expect(redo(set(back.sheet, 'C0', '乙')).label).toBeNull();
  });

  it('undoes only what nobody has changed since', () => {
    let sheet = set(sheetOf(row('A', 1)), 'A', '甲');
    sheet = saved(sheet, toSend(sheet, 9), [row('A', 2, { person: '甲' })]);
    sheet = received(sheet, [row('A', 3, { person: '他' })]);
    const back = undo(sheet);
    expect(back.skipped).toBe(1);
    expect(valueOf(back.sheet, 'A', 'person')).toBe('他');
  });

  it('puts rows together of which two wrote different cells', () => {
    let sheet = set(sheetOf(row('A', 1)), 'A', '甲');
    sheet = received(sheet, [row('A', 5, { note: '他的' })]);
    expect(sheet.conflicts).toEqual([]);
    expect(valueOf(sheet, 'A', 'note')).toBe('他的');
    expect(toSend(sheet, 9)).toEqual([{ case_code: 'A', row_id: 5, properties: { person: '甲' } }]);
  });

  it('loses neither value of a cell that two wrote, and lets one choose', () => {
    const start = set(sheetOf(row('A', 1)), 'A', '甲');
    const torn = received(start, [row('A', 5, { person: '乙', recorded_by: 'wang' })]);
    expect(torn.conflicts).toMatchObject([
      { code: 'A', member: 'person', mine: '甲', theirs: '乙', by: 'wang' },
    ]);
    expect(valueOf(torn, 'A', 'person')).toBe('甲');
    expect(toSend(torn, 9)).toEqual([]);
    expect(isUnsaved(torn)).toBe(true);
    const [conflict] = torn.conflicts;
    if (!conflict) throw new Error('no conflict');
    const theirs = resolve(torn, conflict, 'theirs');
    expect([valueOf(theirs, 'A', 'person'), isUnsaved(theirs)]).toEqual(['乙', false]);
    const mine = resolve(torn, conflict, 'mine');
    expect(toSend(mine, 9)).toEqual([{ case_code: 'A', row_id: 5, properties: { person: '甲' } }]);
    // Undone, it is theirs again, not what was there before both.
    expect(valueOf(undo(mine).sheet, 'A', 'person')).toBe('乙');
    // They wrote again before anybody chose; then they wrote the same.
    const later = received(torn, [row('A', 6, { person: '丙' })]);
    expect(later.conflicts.map((it) => it.theirs)).toEqual(['丙']);
    expect(received(later, [row('A', 7, { person: '甲' })]).conflicts).toEqual([]);
    // An old answer that comes late changes nothing.
    expect(received(later, [row('A', 2)])).toBe(later);
  });

  it('sends what was refused only when it is written again', () => {
    let sheet = set(set(sheetOf(row('A', 1)), 'A', '甲'), 'A', '注', 'note');
    const sent = toSend(sheet, 9);
    sheet = refused(sheet, sent, [{ case_code: 'A', at: '成员 / member `properties.person`', why: '不行' }]);
    expect(toSend(sheet, 9)).toEqual([{ case_code: 'A', row_id: 1, properties: { note: '注' } }]);
    sheet = set(sheet, 'A', '乙');
    expect(toSend(sheet, 9)[0]?.properties).toEqual({ person: '乙', note: '注' });
    sheet = refused(sheet, toSend(sheet, 9), [{ case_code: 'A', at: null, why: '已销号' }]);
    expect(toSend(sheet, 9)).toEqual([]);
    expect(sheet.refusals).toHaveLength(2);
  });
});
