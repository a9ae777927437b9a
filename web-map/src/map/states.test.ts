import { expect, it } from 'vitest';
import { turned } from './states';

it('tells the map only what differs', () => {
  const before = new Map([
    [1, 0],
    [2, 1],
    [3, 2],
  ]);
  const after = new Map([
    [2, 1],
    [3, 0],
    [4, 0],
  ]);
  expect(turned(before, after)).toEqual({
    set: [
      [3, 0],
      [4, 0],
    ],
    gone: [1],
  });
  expect(turned(before, before)).toEqual({ set: [], gone: [] });
});
