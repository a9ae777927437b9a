import { describe, expect, it } from 'vitest';
import type { Counts } from '../api/stats';
import type { LayerTree, Parameter, RuleSet } from '../api/schema';
import { boundsOf, measuredBy, withinRange } from './measured';

const parameter = (id: string, more: Partial<Parameter> = {}) =>
  ({ id, kind: 'number', min: '0', max: '60', ...more }) as Parameter;
const set = (...whens: string[]) =>
  ({ layer: 'verdicts', rules: whens.map((when) => ({ when })) }) as unknown as RuleSet;
const layer = (id: string, name: string, readable = true) => ({
  id,
  role: 'theme',
  readable: true,
  fields: [{ name, readable, type: 'decimal' }],
});
const tree = { layers: [layer('yields', 'tax'), layer('verdicts', 'tax'), layer('plans', 'far', false)] };

describe('a threshold', () => {
  const find = (id: string, ...whens: string[]) =>
    measuredBy(set(...whens), parameter(id), tree as unknown as LayerTree);

  it('is measured by the field that it is compared with, first in the layer of its rules', () => {
    expect(find('floor', 'area >= 3 AND tax < :floor')).toEqual({
      layer: 'verdicts',
      field: 'tax',
      fits: 'below',
    });
    expect(find('floor', 'x = 1', 'tax >= :floor')?.fits).toBe('above');
  });

  it('has no values of its own where it is a factor, where the field may not be read, or is another parameter', () => {
    expect(find('floor', 'tax < :floor * agreed')).toBeNull();
    expect(find('floor', 'tax < 0.5 * :floor')).toBeNull();
    expect(find('floor', '3 * tax < :floor')).toBeNull();
    expect(find('floor', 'far < :floor')).toBeNull();
    expect(find('floor', 'tax < :floor_of_others')).toBeNull();
  });

  it('has no chart without a range', () => {
    const open = parameter('floor', { max: null });
    expect(measuredBy(set('tax < :floor'), open, tree as unknown as LayerTree)).toBeNull();
  });
});

it('what lies above the range is counted apart, and what lies below stands at its beginning', () => {
  const bounds = boundsOf({ min: '0', max: '3' });
  expect(bounds).toHaveLength(31);
  expect([bounds[0], bounds[1], bounds[30]]).toEqual(['0', '0.1', '3']);
  const counts = { breaks: ['0', '1', '2'], counts: [1, 10, 20, 300], min: '-5', max: '90', missing: 4 };
  expect(withinRange({ field: 'tax', ...counts } as Counts)).toEqual({
    counts: { field: 'tax', breaks: ['1'], counts: [11, 20], min: '0', max: '2', missing: 4 },
    beyond: 300,
  });
});
