// Lengths and areas on the ellipsoid of CGCS2000, for the measuring tool: never in the map's own plane, where land at
// Shanghai's latitude is 37 % too large. Pure.
import type { Position } from '../../api/schema';

const a = 6_378_137;
const f = 1 / 298.257222101;
const b = a * (1 - f);
const e2 = f * (2 - f);
const e = Math.sqrt(e2);
const radians = Math.PI / 180;

/** Metres along the points. */
export function lengthOf(points: readonly Position[]): number {
  return points.slice(1).reduce((sum, it, nth) => sum + distance(points[nth] ?? it, it), 0);
}

/** Vincenty's inverse formula (1975), below a millimetre; of points on opposite sides of the earth the best so far. */
function distance([lon1, lat1]: Position, [lon2, lat2]: Position): number {
  const u1 = Math.atan((1 - f) * Math.tan(lat1 * radians));
  const u2 = Math.atan((1 - f) * Math.tan(lat2 * radians));
  const l = (lon2 - lon1) * radians;
  let lambda = l;
  let result = 0;
  for (let turn = 0; turn < 100; turn += 1) {
    const sinSigma = Math.hypot(
      Math.cos(u2) * Math.sin(lambda),
      Math.cos(u1) * Math.sin(u2) - Math.sin(u1) * Math.cos(u2) * Math.cos(lambda),
    );
    if (sinSigma === 0) return 0;
    const cosSigma = Math.sin(u1) * Math.sin(u2) + Math.cos(u1) * Math.cos(u2) * Math.cos(lambda);
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (Math.cos(u1) * Math.cos(u2) * Math.sin(lambda)) / sinSigma;
    const cos2Alpha = 1 - sinAlpha ** 2;
    // Along the equator there is no middle.
    const cosMiddle = cos2Alpha === 0 ? 0 : cosSigma - (2 * Math.sin(u1) * Math.sin(u2)) / cos2Alpha;
    const c = (f / 16) * cos2Alpha * (4 + f * (4 - 3 * cos2Alpha));
    const before = lambda;
    lambda =
      l +
      (1 - c) *
        f *
        sinAlpha *
        (sigma + c * sinSigma * (cosMiddle + c * cosSigma * (-1 + 2 * cosMiddle ** 2)));
    const uu = (cos2Alpha * (a ** 2 - b ** 2)) / b ** 2;
    const big = 1 + (uu / 16384) * (4096 + uu * (-768 + uu * (320 - 175 * uu)));
    const small = (uu / 1024) * (256 + uu * (-128 + uu * (74 - 47 * uu)));
    const delta =
      small *
      sinSigma *
      (cosMiddle +
        (small / 4) *
          (cosSigma * (-1 + 2 * cosMiddle ** 2) -
            (small / 6) * cosMiddle * (-3 + 4 * sinSigma ** 2) * (-3 + 4 * cosMiddle ** 2)));
    result = b * big * (sigma - delta);
    if (Math.abs(lambda - before) < 1e-12) break;
  }
  return result;
}

/** m² of a ring, closed or not. Exact for edges that are straight in the cylindrical equal-area projection (Snyder 1987, 3-12). */
export function areaOf(ring: readonly Position[]): number {
  const q = (lat: number) => {
    const sin = Math.sin(lat * radians);
    return (1 - e2) * (sin / (1 - e2 * sin ** 2) + Math.atanh(e * sin) / e);
  };
  const plane = ring.map(([lon, lat]): Position => [a * lon * radians, (a / 2) * q(lat)]);
  const [first] = plane;
  if (!first) return 0;
  // About the first corner, so that the differences keep their digits.
  const near = plane.map(([x, y]): Position => [x - first[0], y - first[1]]);
  const twice = near.reduce((sum, [x1, y1], nth) => {
    const [x2, y2] = near[(nth + 1) % near.length] ?? [0, 0];
    return sum + x1 * y2 - x2 * y1;
  }, 0);
  return Math.abs(twice) / 2;
}
