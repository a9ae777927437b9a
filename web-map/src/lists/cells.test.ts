import { describe, expect, it } from 'vitest';
import type { Case, Way } from '../api/lists';
import { nodesText, parseCell, same } from './cells';
import { columns, fullWidth, lefts, unitOf } from './columns';
import { canonical, isZero, minus, sum } from './sums';
import { readTsv, writeTsv } from './tsv';

const station = (id: string, zh: string) => ({ id, zh, en: id });
const ways: Way[] = [
  {
    id: 'buyback',
    title: { zh: '回购升级', en: 'Buy back' },
    builds: true,
    accept_after: 'transfer',
    milestones: [station('signing', '签约'), station('transfer', '过户')],
  },
  {
    id: 'reduction',
    title: { zh: '减量化', en: 'Reduction' },
    builds: false,
    accept_after: 'x',
    milestones: [],
  },
];
const column = (id: string) => {
  const found = columns.find((it) => it.id === id);
  if (!found) throw new Error(id);
  return found;
};
const read = (id: string, text: string, path: string | null = 'buyback') =>
  parseCell(column(id), text, path, ways);

describe('cells', () => {
  it('reads numbers as people and Excel write them, and says what is wrong', () => {
    expect(read('plan_area_mu', ' 1,234.50 ')).toEqual({ value: '1234.5' });
    expect(read('plan_area_mu', '１２．５')).toEqual({ value: '12.5' });
    expect(read('plan_area_mu', '')).toEqual({ value: null });
    for (const text of ['-1', 'abc', '1e5', '=1+1', '12,5x']) {
      expect(read('plan_area_mu', text)).toEqual({ why: 'decimal' });
    }
    expect(read('plan_area_mu', '1.2345678')).toEqual({ why: 'digits' });
    expect(read('plants_freed', '2.5')).toEqual({ why: 'whole' });
    expect(read('plants_freed', '3.0')).toEqual({ value: '3' });
    expect(read('area_mu', '3')).toEqual({ why: 'fixed' });
  });

  it('reads dates in the ways of offices, and none that the calendar lacks', () => {
    for (const text of ['2027-06-30', '2027/6/30', '2027.6.30', '2027年6月30日', '20270630']) {
      expect(read('plan_finish', text)).toEqual({ value: '2027-06-30' });
    }
    for (const text of ['2027-02-30', '6/30', '明年']) {
      expect(read('plan_finish', text)).toEqual({ why: 'date' });
    }
  });

  it('reads paths by title, id and beginning', () => {
    for (const text of ['回购升级', 'buyback', '回购', 'Buy Back'])
      expect(read('path', text)).toEqual({ value: 'buyback' });
    expect(read('path', '拆迁')).toEqual({ why: 'path' });
  });

  it('reads milestones with their quarters, and writes them so that they are read again', () => {
    const value = { signing: '2026Q4', transfer: '2027Q2' };
    expect(read('nodes', '签约2026Q4；过户：2027年第二季度')).toEqual({ value });
    const text = nodesText({ nodes: value, reached: {}, path: 'buyback' } as unknown as Case, ways);
    expect(read('nodes', text)).toEqual({ value });
    const done = nodesText(
      { nodes: value, reached: { signing: '2026-11-02' }, path: 'buyback' } as unknown as Case,
      ways,
    );
    expect(done).toBe('签约✓2026-11-02；过户2027Q2');
    expect(read('nodes', '开工2026Q4')).toEqual({ why: 'nodes' });
    expect(read('nodes', '签约2026Q4', null)).toEqual({ why: 'no_path' });
    expect(read('nodes', '')).toEqual({ value: {} });
  });

  it('keeps texts as they are written', () => {
    expect(read('basis', ' 沪规〔2026〕1号（试行） ')).toEqual({ value: '沪规〔2026〕1号（试行）' });
    expect(read('person', '长'.repeat(101))).toEqual({ why: 'long' });
  });

  it('knows equal values', () => {
    expect(same(null, undefined)).toBe(true);
    expect(same({ a: '1' }, { a: '1' })).toBe(true);
    expect(same({ a: '1' }, {})).toBe(false);
    expect(same('1', '2')).toBe(false);
  });
});

describe('sums', () => {
  it('adds to the last digit', () => {
    expect(sum(['0.1', '0.2', null, '599.9999999999'])).toBe('600.2999999999');
    expect(sum([])).toBe('0');
    expect(sum(Array.from({ length: 10_000 }, () => '0.01'))).toBe('100');
    expect(minus('1800', '1714')).toBe('86');
    expect(minus('1', '1.5')).toBe('-0.5');
    expect(minus('1', '-1')).toBe('2');
    expect(canonical('010.50')).toBe('10.5');
    expect(isZero('0.000')).toBe(true);
  });
});

describe('blocks of Excel', () => {
  it('are read with quotes, tabs within and the last line end', () => {
    expect(readTsv('a\tb\r\n"c\nd"\t"e ""f"""\r\n')).toEqual([
      ['a', 'b'],
      ['c\nd', 'e "f"'],
    ]);
    expect(readTsv('x')).toEqual([['x']]);
    expect(readTsv('\t\n')).toEqual([['', '']]);
    expect(readTsv('')).toEqual([]);
    const rows = [
      ['1\t2', 'a"b'],
      ['', 'c\nd'],
    ];
    expect(readTsv(writeTsv(rows))).toEqual(rows);
  });
});

it('has columns side by side, each figure with its unit', () => {
  expect(lefts).toHaveLength(columns.length + 1);
  expect(lefts.at(-1)).toBe(fullWidth);
  expect(
    ['area_mu', 'tax_wan_per_mu_prev1', 'plant_freed_m2', 'person'].map((it) => unitOf(column(it).id)),
  ).toEqual(['mu', 'wan_per_mu', 'm2', null]);
});
