import { expect, it } from 'vitest';
import { axisOf, barsOf, classOf, moved, readableStep, rounded, stepAt } from './axis';

it('takes a value to its place and back, on either axis', () => {
  for (const axis of [axisOf(2, 200), axisOf(2, 200, true)]) {
    for (const value of [2, 3.5, 20, 200]) expect(axis.toValue(axis.toPlace(value))).toBeCloseTo(value, 9);
    expect(axis.toPlace(-5)).toBe(0);
    expect(axis.toPlace(1e6)).toBe(1);
  }
  expect(axisOf(2, 200, true).toPlace(20)).toBeCloseTo(0.5);
  // A logarithm of zero is nowhere.
  expect(axisOf(0, 200, true).isLog).toBe(false);
});

it('has a width where all values are one', () => {
  const axis = axisOf(5, 5);
  expect(axis.toPlace(5)).toBeCloseTo(0.5);
  expect(axis.max).toBeGreaterThan(axis.min);
});

it('steps by numbers that people read', () => {
  expect(readableStep(100)).toBe(1);
  expect(readableStep(130)).toBe(2);
  expect(readableStep(3)).toBeCloseTo(0.05);
  expect(readableStep(0)).toBe(1);
  expect(rounded(0.30000000000000004, 0.1)).toBe(0.3);
  expect(rounded(1234, 50)).toBe(1250);
});

it('keeps a handle between its neighbours', () => {
  const axis = axisOf(0, 100);
  expect(moved([10, 20, 30], 1, 25, axis)).toEqual([10, 25, 30]);
  expect(moved([10, 20, 30], 1, 90, axis)).toEqual([10, 29.5, 30]);
  expect(moved([10, 20, 30], 0, -9, axis)).toEqual([0, 20, 30]);
  expect(moved([10, 20, 30], 2, 900, axis)).toEqual([10, 20, 100]);
  expect(stepAt(axisOf(0.1, 1000, true), 500)).toBeGreaterThan(stepAt(axisOf(0.1, 1000, true), 0.5));
});

it('draws the classes of an answer from its least to its greatest value', () => {
  const answer = { field: 'x', breaks: ['5', '9.5'], counts: [3, 0, 2], min: '1', max: '12', missing: 4 };
  expect(barsOf(answer)).toEqual([
    { from: 1, to: 5, count: 3 },
    { from: 5, to: 9.5, count: 0 },
    { from: 9.5, to: 12, count: 2 },
  ]);
  expect(barsOf({ ...answer, breaks: [], counts: [0], min: null, max: null })).toEqual([]);
});

it('puts a value on a bound into the upper class', () => {
  expect([1, 5, 7, 9.5, 20].map((it) => classOf(it, [5, 9.5]))).toEqual([0, 1, 1, 2, 2]);
});
