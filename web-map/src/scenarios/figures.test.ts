import { describe, expect, it } from 'vitest';
import type { Distance, Parameter } from '../api/schema';
import { changesOf, difference, isShort, progress, stepOf } from './figures';

const parameter = (id: string, value: string, more: Partial<Parameter> = {}): Parameter => ({
  id,
  title: { zh: id, en: id },
  unit: null,
  value,
  kind: 'number',
  min: '0',
  max: '60',
  basis: null,
  ...more,
});

const target = (quantity: string, reached: string, gap: string): Distance => ({
  unit: null,
  kind: 'mu',
  quantity,
  reached,
  gap,
  is_stored: false,
});

describe('figures', () => {
  it('subtracts decimals to the last digit', () => {
    expect(difference('0.1', '0.3')).toBe('0.2');
    expect(difference('599.9999999999', '600')).toBe('0.0000000001');
    expect(difference('12', '7.50')).toBe('-4.5');
    expect(difference('-1.5', '1')).toBe('2.5');
    expect(difference(null, '1')).toBeNull();
  });

  it('knows how far a target is', () => {
    expect(progress(target('600', '514', '86'))).toBeCloseTo(0.8567, 3);
    expect(progress(target('0', '5', '-5'))).toBe(1);
    expect(progress(target('5', '9', '-4'))).toBe(1);
    expect(isShort(target('600', '514', '86'))).toBe(true);
    expect(isShort(target('600', '600', '0'))).toBe(false);
    expect(isShort(target('5', '9', '-4'))).toBe(false);
  });

  it('sends only what differs', () => {
    const all = [parameter('tax_floor', '5'), parameter('on', 'true', { kind: 'boolean' })];
    expect(changesOf(all, { tax_floor: '5', on: 'true' }, new Set())).toEqual({ parameters: {}, rules: {} });
    expect(changesOf(all, { tax_floor: '6.5', on: 'false' }, new Set(['idle']))).toEqual({
      parameters: { tax_floor: '6.5', on: false },
      rules: { idle: null },
    });
  });

  it('steps finely over short ranges', () => {
    expect(stepOf(parameter('a', '1', { max: '1' }))).toBe(0.01);
    expect(stepOf(parameter('a', '1', { max: '60' }))).toBe(0.5);
    expect(stepOf(parameter('a', '1', { max: '2000' }))).toBe(10);
  });
});
