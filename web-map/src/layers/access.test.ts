import { expect, it } from 'vitest';
import type { Field } from '../api/schema';
import { heldBack } from './access';
import { sampleLayer } from './sample';

const field = (name: string, change: Partial<Field> = {}): Field => ({
  name,
  title: { zh: name, en: name },
  type: 'decimal',
  unit: null,
  access: 'public',
  readable: true,
  sums: false,
  dimension: false,
  within_units: false,
  supplier: null,
  popup: true,
  ...change,
});

it('lists what a layer holds back, by the role that it needs', () => {
  const layer = sampleLayer('a', {
    fields: [
      field('open'),
      field('secret', { access: 'steward', readable: false }),
      field('tax', { access: 'officer', readable: false }),
      field('energy', { access: 'officer', readable: false }),
      field('near', { access: 'officer', sums: false, dimension: false, within_units: true }),
      field('anywhere', { access: 'officer', sums: false, dimension: false, within_units: false }),
    ],
  });
  const held = heldBack(layer);
  expect(held.byRole.map((it) => [it.role, it.fields.map((field) => field.name)])).toEqual([
    ['officer', ['tax', 'energy']],
    ['steward', ['secret']],
  ]);
  expect(held.withinUnits.map((it) => it.name)).toEqual(['near']);
});

it('lists nothing of a layer that is locked as a whole', () => {
  const layer = sampleLayer('a', {
    readable: false,
    fields: [field('x', { access: 'officer', readable: false })],
  });
  expect(heldBack(layer)).toEqual({ byRole: [], withinUnits: [] });
});
