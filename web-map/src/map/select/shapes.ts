// Areas that are drawn on the map, as polygons in degrees and as CQL2 text. Pure.
import type { Polygon } from 'geojson';
import type { Position } from '../../api/schema';

/** A polygon that is drawn by hand is thinned to so many vertices: an address holds them, and nobody draws finer. */
export const verticesAtMost = 180;
const radius = 6_371_008.8;
const radians = Math.PI / 180;

const polygon = (ring: readonly Position[]): Polygon => ({
  type: 'Polygon',
  coordinates: [ring.map((it) => [...it])],
});

/** The box between two corners, or null where it has no area. */
export function boxOf([x1, y1]: Position, [x2, y2]: Position): Polygon | null {
  if (x1 === x2 || y1 === y2) return null;
  const [west, east, south, north] = [Math.min(x1, x2), Math.max(x1, x2), Math.min(y1, y2), Math.max(y1, y2)];
  return polygon([
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]);
}

/** The place `metres` from another in a direction in radians from east, on a sphere: to a per mille. */
function away([lon, lat]: Position, metres: number, direction: number): Position {
  const north = (metres * Math.sin(direction)) / radius;
  const east = (metres * Math.cos(direction)) / (radius * Math.cos(lat * radians));
  return [lon + east / radians, lat + north / radians];
}

/** A circle of 48 corners. */
export function circleOf(centre: Position, metres: number): Polygon | null {
  if (!(metres > 0)) return null;
  const ring = Array.from({ length: 48 }, (_, nth) => away(centre, metres, (nth / 48) * 2 * Math.PI));
  return polygon([...ring, ring[0] ?? centre]);
}

/** What lies within `metres` of the outline around some points (their convex hull). */
export function aroundOf(points: readonly Position[], metres: number): Polygon | null {
  if (points.length === 0 || !(metres > 0)) return null;
  const corners = points.flatMap((it) =>
    Array.from({ length: 16 }, (_, nth) => away(it, metres, (nth / 16) * 2 * Math.PI)),
  );
  const hull = hullOf(corners);
  return hull.length < 3 ? null : polygon([...hull, hull[0] ?? [0, 0]]);
}

/** Andrew's monotone chain, counter-clockwise and without the first point again. */
export function hullOf(points: readonly Position[]): Position[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const turn = (o: Position, a: Position, b: Position) =>
    (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const half = (all: readonly Position[]) => {
    const chain: Position[] = [];
    for (const it of all) {
      let [before, last] = [chain.at(-2), chain.at(-1)];
      while (before && last && turn(before, last, it) <= 0) {
        chain.pop();
        [before, last] = [chain.at(-2), chain.at(-1)];
      }
      chain.push(it);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

/** A ring through the points; null where they enclose nothing or the ring crosses itself. */
export function ringOf(points: readonly Position[]): Polygon | null {
  const apart = points.filter((it, nth) => {
    const before = points[nth - 1];
    return !before || it[0] !== before[0] || it[1] !== before[1];
  });
  const thin = thinned(apart, verticesAtMost);
  return thin.length < 3 || crosses(thin) ? null : polygon([...thin, thin[0] ?? [0, 0]]);
}

/** A lasso often crosses itself near its end: its hull then stands for it. */
export function lassoOf(points: readonly Position[]): Polygon | null {
  const exact = ringOf(points);
  if (exact) return exact;
  const hull = hullOf(points);
  return hull.length < 3 ? null : polygon([...hull, hull[0] ?? [0, 0]]);
}

function thinned(points: readonly Position[], most: number): Position[] {
  if (points.length <= most) return [...points];
  return Array.from({ length: most }, (_, nth) => points[Math.floor((nth * points.length) / most)] ?? [0, 0]);
}

function crosses(ring: readonly Position[]): boolean {
  const count = ring.length;
  const side = (a: Position, b: Position, c: Position) =>
    Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
  for (let one = 0; one < count; one += 1) {
    for (let other = one + 2; other < count; other += 1) {
      if (one === 0 && other === count - 1) continue;
      const [a, b, c, d] = [ring[one], ring[one + 1], ring[other], ring[(other + 1) % count]];
      if (!a || !b || !c || !d) continue;
      if (side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)) return true;
    }
  }
  return false;
}

/** The features that touch the area, as CQL2 text; a millimetre is enough. */
export function touching(area: Polygon): string {
  const rings = area.coordinates.map(
    (ring) => `(${ring.map(([x = 0, y = 0]) => `${x.toFixed(8)} ${y.toFixed(8)}`).join(', ')})`,
  );
  return `S_INTERSECTS(geom, POLYGON(${rings.join(', ')}))`;
}
