import { describe, expect, it } from 'vitest';
import type { Case } from '../api/lists';
import { boxOf, clear, copy, fillDown, fillWith, move, paste, type Box, type Rows } from './block';
import { columns } from './columns';

const col = (id: string) => columns.findIndex((it) => it.id === id);
const cases = ['A', 'B', 'C', 'D'].map(
  (code, nth) =>
    ({
      case_code: code,
      parcel_code: `P${nth}`,
      person: nth === 0 ? '甲' : null,
      leader: null,
      path: null,
      nodes: {},
      reached: {},
    }) as unknown as Case,
);
const rows: Rows = { codes: ['A', 'B', 'C', 'D'], row: (code) => cases.find((it) => it.case_code === code) };
const box = (top: number, bottom: number, left: string, right = left): Box => ({
  top,
  bottom,
  left: col(left),
  right: col(right),
});
const told = (it: { wanted: { code: string; member: string; value: unknown }[] }) =>
  it.wanted.map((one) => `${one.code}.${one.member}=${String(one.value)}`);

describe('a block', () => {
  it('is pasted from its upper left and stops at the last row', () => {
    expect(
      told(
        paste(
          rows,
          box(2, 2, 'person'),
          [
            ['子', '丑'],
            ['寅', '卯'],
            ['辰', '巳'],
          ],
          [],
        ),
      ),
    ).toEqual(['C.person=子', 'C.leader=丑', 'D.person=寅', 'D.leader=卯']);
  });

  it('of one cell fills the whole selection, and of two rows every second', () => {
    expect(paste(rows, box(0, 3, 'person'), [['甲']], []).wanted).toHaveLength(4);
    expect(told(paste(rows, box(0, 3, 'person'), [['子'], ['丑']], []))).toEqual([
      'A.person=子',
      'B.person=丑',
      'C.person=子',
      'D.person=丑',
    ]);
  });

  it('names each cell that it cannot write, and writes the others', () => {
    const found = paste(rows, box(0, 0, 'person'), [['甲'], ['乙']], []);
    expect(found.rejected).toEqual([]);
    const wrong = paste(rows, box(1, 1, 'plan_area_mu', 'plan_area_mu'), [['很大', '乙']], []);
    expect(wrong.rejected.map((it) => [it.row, it.column.id, it.why])).toEqual([
      [1, 'plan_area_mu', 'decimal'],
    ]);
    expect(told(wrong)).toEqual(['B.person=乙']);
    // Codes that are there already are no fault; other ones are.
    const whole = paste(rows, box(1, 1, 'case_code'), [['B', 'P9']], []);
    expect(whole.rejected.map((it) => it.text)).toEqual(['P9']);
  });

  it('is filled down from its first row, or from the row above', () => {
    expect(told(fillDown(rows, box(0, 2, 'person'), []))).toEqual(['B.person=甲', 'C.person=甲']);
    expect(told(fillDown(rows, box(1, 1, 'person'), []))).toEqual(['B.person=甲']);
    expect(fillDown(rows, box(0, 0, 'person'), []).wanted).toEqual([]);
    // Nobody writes a code: it is passed over.
    expect(fillDown(rows, box(0, 1, 'case_code', 'parcel_code'), [])).toEqual({ wanted: [], rejected: [] });
    expect(told(fillWith(rows, box(2, 3, 'person'), '丙', []))).toEqual(['C.person=丙', 'D.person=丙']);
    expect(told(clear(rows, box(0, 0, 'parcel_code', 'responsible_unit'), []))).toEqual([
      'A.responsible_unit=null',
    ]);
  });

  it('is copied in full', () => {
    expect(copy(rows, box(0, 1, 'case_code', 'parcel_code'), [])).toEqual([
      ['A', 'P0'],
      ['B', 'P1'],
    ]);
  });
});

describe('keys', () => {
  const key = (name: string, more: Partial<{ ctrl: boolean; shift: boolean }> = {}) => ({
    key: name,
    ctrl: false,
    shift: false,
    ...more,
  });
  const last = columns.length - 1;

  it('move within the table', () => {
    expect(move({ row: 0, col: 0 }, key('ArrowUp'), 4, 10)).toEqual({ row: 0, col: 0 });
    expect(move({ row: 0, col: 0 }, key('PageDown'), 4, 10)).toEqual({ row: 3, col: 0 });
    expect(move({ row: 1, col: 3 }, key('End', { ctrl: true }), 4, 10)).toEqual({ row: 3, col: last });
    expect(move({ row: 1, col: 3 }, key('Home'), 4, 10)).toEqual({ row: 1, col: 0 });
    expect(move({ row: 1, col: 3 }, key('Enter', { shift: true }), 4, 10)).toEqual({ row: 0, col: 3 });
    expect(move({ row: 1, col: 3 }, key('x'), 4, 10)).toBeNull();
  });

  it('go on with the next row, and out of the table at its ends', () => {
    expect(move({ row: 1, col: last }, key('Tab'), 4, 10)).toEqual({ row: 2, col: 0 });
    expect(move({ row: 3, col: last }, key('Tab'), 4, 10)).toBeNull();
    expect(move({ row: 0, col: 0 }, key('Tab', { shift: true }), 4, 10)).toBeNull();
  });

  it('span a box from any corner', () => {
    expect(boxOf({ anchor: { row: 3, col: 1 }, active: { row: 1, col: 2 } })).toEqual({
      top: 1,
      bottom: 3,
      left: 1,
      right: 2,
    });
  });
});
