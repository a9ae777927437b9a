import { expect, it } from 'vitest';
import { fitting } from './fitting';

it('shows all where all have room, else leaves room for the way to the others', () => {
  expect(fitting([50, 50, 50], 40, 150)).toBe(3);
  expect(fitting([50, 50, 50], 40, 149)).toBe(2);
  expect(fitting([50, 50, 50], 40, 139)).toBe(1);
  expect(fitting([50, 50, 50], 40, 20)).toBe(0);
  expect(fitting([], 40, 0)).toBe(0);
  expect(fitting([50, 50], 40, Infinity)).toBe(2);
});
