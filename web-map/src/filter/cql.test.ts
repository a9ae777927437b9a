import { describe, expect, it } from 'vitest';
import type { Field } from '../api/schema';
import { sampleLayer } from '../layers/sample';
import { classedFilter } from '../layers/classes';
import { emptyView } from '../state/url';
import type { Condition } from '../state/where';
import { cqlOf, whereOf, withCondition } from './cql';

const field = (name: string, type: Field['type'], readable = true): Field => ({
  name,
  title: { zh: name, en: name },
  type,
  unit: null,
  access: 'public',
  readable,
  within_units: false,
  sums: false,
  dimension: false,
  popup: true,
  supplier: null,
});

const layer = sampleLayer('plots', {
  role: 'theme',
  fields: [
    field('unit', 'text'),
    field('band', 'integer'),
    field('tax', 'decimal'),
    field('held', 'boolean'),
    field('secret', 'decimal', false),
  ],
});
const units: Condition = { kind: 'in', field: 'unit', values: ["O'Neil", null] };

describe('conditions as CQL2', () => {
  it.each<[Condition, string | null]>([
    [units, "(unit IN ('O''Neil') OR unit IS NULL)"],
    [{ kind: 'in', field: 'unit', values: [null] }, '(unit IS NULL)'],
    [{ kind: 'in', field: 'band', values: ['1', '2'] }, '(band IN (1, 2))'],
    [{ kind: 'in', field: 'band', values: ["1' OR '1"] }, null],
    [{ kind: 'in', field: 'held', values: ['true'] }, '(held IN (TRUE))'],
    [{ kind: 'in', field: 'held', values: ['yes'] }, null],
    [{ kind: 'in', field: 'nosuch', values: ['a'] }, null],
    [{ kind: 'range', field: 'tax', from: '1.5', to: '15' }, '(tax >= 1.5 AND tax <= 15)'],
    [{ kind: 'range', field: 'tax', from: null, to: '15' }, '(tax <= 15)'],
    [{ kind: 'range', field: 'unit', from: '1', to: null }, null],
    [{ kind: 'range', field: 'secret', from: '1', to: null }, null],
    [{ kind: 'cql', layer: 'plots', text: 'tax > 1 OR band = 2' }, '(tax > 1 OR band = 2)'],
    [{ kind: 'cql', layer: 'others', text: 'tax > 1' }, null],
  ])('%j', (condition, text) => {
    expect(cqlOf(layer, condition)).toBe(text);
  });

  it('say nothing of the ground and of what is closed', () => {
    expect(cqlOf({ ...layer, role: 'base' }, units)).toBeNull();
    expect(cqlOf({ ...layer, readable: false }, units)).toBeNull();
  });

  it('stand beside the ticks and the units of the classes', () => {
    const where: Condition[] = [units, { kind: 'range', field: 'tax', from: '2', to: null }];
    expect(whereOf(layer, where)).toBe("(unit IN ('O''Neil') OR unit IS NULL) AND (tax >= 2)");
    expect(whereOf(layer, [])).toBeNull();
    expect(classedFilter(layer, { ...emptyView, where })).toBe(whereOf(layer, where));
  });

  it('take the place of one about the same field, and typed ones stand beside each other', () => {
    const other: Condition = { kind: 'in', field: 'unit', values: ['x'] };
    const typed: Condition = { kind: 'cql', layer: 'plots', text: 'tax > 1' };
    const range: Condition = { kind: 'range', field: 'unit', from: '1', to: null };
    expect(withCondition([units, typed], other)).toEqual([typed, other]);
    expect(withCondition([units], range)).toEqual([units, range]);
    expect(withCondition([typed], { ...typed, text: 'tax > 2' })).toHaveLength(2);
  });
});
