import { describe, expect, it } from 'vitest';
import { emptyView, readView, writeView } from './url';
import { isText, mostConditions, readWhere, writeCondition, type Condition } from './where';

const sound: Condition[] = [
  { kind: 'in', field: 'responsible_unit', values: ['马陆镇', '北区'] },
  { kind: 'in', field: 'unit', values: ['a,b', 'c\\d', '\\N', null, "O'Neil", 'A&B=1;2#?%+~'] },
  { kind: 'range', field: 'tax', from: null, to: '15' },
  { kind: 'range', field: 'tax', from: '-0.5', to: '0.000000001' },
  { kind: 'cql', layer: 'plots', text: "a IN ('x,y', '\\N') AND (b > 1 OR NOT c = 'it''s (')" },
];

describe('conditions in a link', () => {
  it.each(sound)('are read back as they were written: %j', (it) => {
    expect(readWhere([writeCondition(it)])).toEqual([it]);
    expect(readView(writeView({ ...emptyView, where: [it] })).where).toEqual([it]);
  });

  it('stand together, each once', () => {
    expect(readWhere([...sound, ...sound].map(writeCondition))).toEqual(sound);
    expect(readView(writeView({ ...emptyView, where: sound })).where).toEqual(sound);
  });

  it.each([
    '',
    'in',
    'in,',
    'in,unit',
    'in,Unit,a',
    'in,unit;drop,a',
    'in,__proto__,a',
    'in,unit,',
    'in,unit,a,',
    'in,unit,\u0000',
    `in,unit,${'x'.repeat(65)}`,
    `in,unit,${Array.from({ length: 51 }, (_, nth) => nth).join(',')}`,
    'range,tax',
    'range,tax,1',
    'range,tax,,',
    'range,tax,2,1',
    'range,tax,1e3,',
    'range,tax,NaN,',
    'range,tax,0x10,',
    'range,tax,1 OR 1=1,',
    'range,tax,\\N,1',
    'range,tax,1,2,3',
    'cql,plots',
    'cql,plots,',
    'cql,plots,   ',
    'cql,Plots,a = 1',
    'cql,plots,a = 1) OR (b = 2',
    "cql,plots,a = 'x",
    'cql,plots,((a = 1)',
    'cql,plots,a\u0007 = 1',
    `cql,plots,a = '${'x'.repeat(1000)}'`,
    'sql,plots,a = 1',
  ])('are passed over when they are not of the form: %j', (text) => {
    expect(readWhere([text])).toEqual([]);
    expect(readView(`?q=${encodeURIComponent(text)}&v=1`)).toEqual(emptyView);
  });

  it('are of version 1, as the rest of the link', () => {
    expect(readView('?q=in,unit,a&v=2')).toEqual(emptyView);
  });

  it('are so many at most', () => {
    const many = Array.from({ length: 5000 }, (_, nth) => `in,unit,${nth}`);
    expect(readWhere(many)).toHaveLength(mostConditions);
  });

  it('keep a typed text one term', () => {
    expect(isText("a = ')' AND b = 1")).toBe(true);
    expect(isText(')a = 1(')).toBe(false);
  });
});
