import { expect, it } from 'vitest';
import type { Position } from '../../api/schema';
import { areaOf, lengthOf } from './measure';
import { aroundOf, boxOf, circleOf, hullOf, lassoOf, ringOf, touching, verticesAtMost } from './shapes';

const ring = (it: { coordinates: number[][][] } | null) => (it?.coordinates[0] ?? []) as Position[];

it('makes a closed box of any two corners', () => {
  expect(ring(boxOf([121.3, 31.4], [121.2, 31.3]))).toEqual([
    [121.2, 31.3],
    [121.3, 31.3],
    [121.3, 31.4],
    [121.2, 31.4],
    [121.2, 31.3],
  ]);
  expect(boxOf([121.2, 31.3], [121.2, 31.4])).toBeNull();
});

it('keeps its distance all around', () => {
  for (const it of ring(circleOf([121.25, 31.38], 500))) {
    expect(Math.abs(lengthOf([[121.25, 31.38], it]) - 500)).toBeLessThan(2);
  }
  const square: Position[] = [
    [121.25, 31.38],
    [121.26, 31.38],
    [121.26, 31.39],
    [121.25, 31.39],
  ];
  const around = aroundOf(square, 100);
  // The square, a margin along its sides, and a circle at its corners.
  const sides = lengthOf([...square, [121.25, 31.38]]);
  const wanted = areaOf(square) + sides * 100 + Math.PI * 100 ** 2;
  expect(areaOf(ring(around)) / wanted).toBeCloseTo(1, 2);
  expect(aroundOf([], 5)).toBeNull();
  expect(circleOf([0, 0], 0)).toBeNull();
});

it('draws the hull of points in any order', () => {
  expect(
    hullOf([
      [1, 1],
      [0, 0],
      [2, 2],
      [2, 0],
      [0, 2],
    ]),
  ).toEqual([
    [0, 0],
    [2, 0],
    [2, 2],
    [0, 2],
  ]);
});

it('refuses a ring that crosses itself, and takes a lasso that does as its hull', () => {
  const bow: Position[] = [
    [0, 0],
    [2, 2],
    [2, 0],
    [0, 2],
  ];
  expect(ringOf(bow)).toBeNull();
  expect(ring(lassoOf(bow))).toHaveLength(5);
  expect(ringOf(bow.slice(0, 2))).toBeNull();
  const circle = Array.from({ length: 2000 }, (_, nth): Position => {
    const at = (nth / 2000) * 2 * Math.PI;
    return [Math.cos(at), Math.sin(at)];
  });
  expect(ring(ringOf(circle))).toHaveLength(verticesAtMost + 1);
});

it('is said in CQL2', () => {
  const box = boxOf([121.2, 31.3], [121.3, 31.4]);
  expect(box && touching(box)).toBe(
    'S_INTERSECTS(geom, POLYGON((121.20000000 31.30000000, 121.30000000 31.30000000, 121.30000000 31.40000000, 121.20000000 31.40000000, 121.20000000 31.30000000)))',
  );
});
