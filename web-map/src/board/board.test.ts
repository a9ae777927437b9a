import { describe, expect, it } from 'vitest';
import type { Field, Layer, LayerTree } from '../api/schema';
import type { Stats } from '../api/stats';
import { readBoard, writeBoard } from './address';
import { all, equals } from './cql';
import { parts, rank } from './groups';
import { themeOnMap } from './links';
import { completeness, overall } from './presence';
import { factsOf, subjectOf } from './subject';

const field = (name: string, more: Partial<Field> = {}): Field => ({
  name,
  title: { zh: name, en: name },
  type: 'decimal',
  unit: null,
  access: 'public',
  readable: true,
  within_units: false,
  sums: false,
  dimension: false,
  popup: false,
  supplier: null,
  ...more,
});
const layer = (id: string, fields: Field[], more: Partial<Layer> = {}) =>
  ({
    id,
    role: 'theme',
    readable: true,
    visible: false,
    identify: 'code',
    fields,
    legend: [],
    ...more,
  }) as Layer;
const treeOf = (...layers: Layer[]) => ({ layers }) as unknown as LayerTree;
const unit = field('unit', { type: 'text', dimension: true, popup: true });
const mu = field('area_mu', { unit: 'mu' });
const tax = (more: Partial<Field> = {}) => field('tax', { unit: 'wan', ...more });
const taxPerMu = field('tax_per_mu', { unit: 'wan_per_mu', access: 'officer', readable: false });

const answer = (groups: Stats['groups']) =>
  ({ groups, total: { count: 0, measures: {}, withheld: false } }) as unknown as Stats;
const group = (key: string | null, count: number, value: string | null, more = {}) => ({
  key: { unit: key },
  count,
  measures: { sum_tax: { value, missing: 0 } },
  withheld: false,
  ...more,
});

describe('the subject', () => {
  it('is the layer with the most figures, and has ratios of sums where a field says so', () => {
    const found = subjectOf(
      treeOf(layer('plain', [mu]), layer('rich', [unit, mu, tax(), taxPerMu]), layer('poor', [unit, mu])),
    );
    expect(found?.layer.id).toBe('rich');
    expect(found?.indicators.map((it) => [it.key, it.measure])).toEqual([
      ['area_mu', { sum: 'area_mu' }],
      ['tax_per_mu', { ratio: ['tax', 'area_mu'] }],
      ['tax', { sum: 'tax' }],
    ]);
    expect(found?.published).toBe(false);
  });

  it('asks for published sums where single figures are not open, and names what is not open at all', () => {
    const inSums = subjectOf(treeOf(layer('rich', [unit, mu, tax({ readable: false, sums: true })])));
    expect(inSums?.published).toBe(true);
    const ownUnits = subjectOf(treeOf(layer('rich', [unit, mu, tax({ within_units: true })])));
    expect(ownUnits?.published).toBe(true);
    const locked = subjectOf(treeOf(layer('rich', [unit, mu, tax({ readable: false }), taxPerMu])));
    expect(locked?.indicators.map((it) => it.key)).toEqual(['area_mu']);
    expect(locked?.locked.map((it) => it.name)).toEqual(['tax']);
  });

  it('looks for gaps only in what is readable in every row', () => {
    const supplier = { zh: '税务', en: 'tax office' };
    const rich = layer('rich', [unit, mu, tax({ within_units: true })]);
    const tree = treeOf(
      rich,
      layer('register', [
        unit,
        field('use', { type: 'text', supplier }),
        tax({ supplier, within_units: true }),
      ]),
    );
    const subject = subjectOf(tree);
    if (!subject) throw new Error('no subject');
    expect(
      factsOf(tree, subject, 'unit').map((it) => [it.layer.id, it.fields.map((one) => one.name)]),
    ).toEqual([['register', ['use']]]);
  });
});

describe('filters', () => {
  it('quote texts and say what is missing', () => {
    expect(equals('unit', "马陆'镇")).toBe("unit = '马陆''镇'");
    expect(equals('unit', null)).toBe('unit IS NULL');
    expect(equals('band', 3)).toBe('band = 3');
    expect(all(null, 'a = 1', null)).toBe('a = 1');
    expect(all('a = 1 OR b = 2', 'c = 3')).toBe('(a = 1 OR b = 2) AND (c = 3)');
    expect(all(null)).toBeNull();
  });
});

describe('the address', () => {
  it('comes back as it was written', () => {
    const view = {
      dimension: 'unit',
      indicator: 'tax',
      theme: null,
      rows: { layer: 'rich', filter: "unit = '马陆镇' AND a < 5" },
    };
    expect(readBoard(writeBoard(view))).toEqual(view);
    expect(writeBoard({ dimension: null, indicator: null, theme: null, rows: null })).toBe('');
  });

  it('passes over what is forged, and never shows other rows than were meant', () => {
    expect(readBoard('?dim=<script>&by=A&rows=../x&where=1')).toEqual({
      dimension: null,
      indicator: null,
      theme: null,
      rows: null,
    });
    expect(readBoard(`?rows=rich&where=${'x'.repeat(5000)}`).rows).toBeNull();
    expect(readBoard('?rows=rich&where=').rows).toBeNull();
    expect(readBoard('?rows=rich').rows).toEqual({ layer: 'rich', filter: null });
  });
});

describe('groups', () => {
  it('rank by value; ties share a rank, missing and withheld sums come last and stay apart', () => {
    const ranked = rank(
      answer([
        group('a', 3, '5'),
        group('b', 3, '7'),
        group('c', 3, '5'),
        group('d', 3, null, { withheld: true }),
        group('e', 3, null, { measures: { sum_tax: { value: null, missing: 3 } }, withheld: true }),
      ]),
      'unit',
      { sum: 'tax' },
    );
    expect(ranked.map((it) => [it.key, it.rank, it.withheld])).toEqual([
      ['b', 1, false],
      ['a', 2, false],
      ['c', 2, false],
      ['d', null, true],
      ['e', null, false],
    ]);
  });

  it('divide by the classes of a legend; a class without values is of what is missing', () => {
    const one = (key: string, value: number | null, count: number) => ({
      ...group(key, count, '1'),
      key: { unit: key, band: value },
    });
    const found = parts(
      answer([one('a', 2, 4), one('a', null, 1), one('b', 1, 9), one('b', 99, 1)]),
      'unit',
      'band',
      [[1], [2], null, []],
      { sum: 'tax' },
    );
    expect(found).toEqual([
      { key: 'b', count: 10, parts: [{ index: 0, count: 9, mu: '1' }] },
      {
        key: 'a',
        count: 5,
        parts: [
          { index: 1, count: 4, mu: '1' },
          { index: 3, count: 1, mu: '1' },
        ],
      },
    ]);
  });
});

it('completeness is the known rows of each group and of all', () => {
  const total = { count: 10, measures: { count_use: { value: '6', missing: 4 } }, withheld: false };
  const of = (key: string | null, count: number, known: string) => ({
    key: { unit: key },
    count,
    measures: { count_use: { value: known, missing: 0 } },
    withheld: false,
  });
  const answers = [{ groups: [of(null, 6, '2'), of('a', 4, '4')], total }] as unknown as Stats[];
  const found = completeness(answers, 'unit', [field('use'), field('not_asked')]);
  expect(found.groups.map((it) => it.key)).toEqual(['a', null]);
  expect(found.rows).toHaveLength(1);
  expect(found.rows[0]?.total).toEqual({ known: 6, rows: 10 });
  expect(found.rows[0]?.cells).toEqual([
    { known: 4, rows: 4 },
    { known: 2, rows: 6 },
  ]);
  expect(overall(found.rows)).toBe(0.6);
  expect(overall([])).toBeNull();
});

it('marks lead to the map with one theme, and of it what they stand for', () => {
  const match = { field: 'band', values: [1] };
  const row = (label: string, matches = true) => ({
    label: { zh: label, en: label },
    match: matches ? match : null,
  });
  const shown = layer('rich', [], {
    legend: [row('x'), row('y'), row('z', false)] as unknown as Layer['legend'],
  });
  const tree = treeOf(layer('other', [], { visible: true }), shown);
  expect(themeOnMap(tree, shown, [1])).toBe('/?l=other,0,1;rich,1,1&f=rich,0&v=1');
});
