import { expect, it } from 'vitest';
import type { Position } from '../../api/schema';
import { areaOf, lengthOf } from './measure';

// PROJ's `geod +ellps=GRS80`: 121.25 31.38 to 121.30 31.40, and a quarter of a meridian.
it('measures lengths as GeographicLib does', () => {
  expect(
    lengthOf([
      [121.25, 31.38],
      [121.25, 31.38],
    ]),
  ).toBe(0);
  expect(
    lengthOf([
      [0, 0],
      [1, 0],
    ]),
  ).toBeCloseTo(111_319.491, 2);
  expect(
    lengthOf([
      [0, 0],
      [0, 90],
    ]),
  ).toBeCloseTo(10_001_965.729, 1);
  const whole = lengthOf([
    [121.25, 31.38],
    [121.3, 31.4],
  ]);
  const parts = lengthOf([
    [121.25, 31.38],
    [121.275, 31.39001],
    [121.3, 31.4],
  ]);
  expect(parts).toBeGreaterThanOrEqual(whole);
  expect(parts - whole).toBeLessThan(1);
});

it('measures areas on the ellipsoid, whichever way they are drawn', () => {
  // A cell of a degree at the equator (GeographicLib, whose edges are geodesics: 1/40000 more at this size), and the whole earth: 510 065 621.7 km² (GRS 80).
  const cell: Position[] = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ];
  expect(areaOf(cell) / 12_308_778_361).toBeCloseTo(1, 4);
  expect(areaOf([...cell].reverse())).toBeCloseTo(areaOf(cell), 3);
  expect(areaOf([...cell, [0, 0]])).toBeCloseTo(areaOf(cell), 3);
  const world: Position[] = [
    [-180, -90],
    [180, -90],
    [180, 90],
    [-180, 90],
  ];
  expect(areaOf(world) / 1e6 / 510_065_621.724).toBeCloseTo(1, 9);
  expect(areaOf([])).toBe(0);
});
