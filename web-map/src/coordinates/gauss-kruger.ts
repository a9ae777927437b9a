// CGCS2000 / 3-degree Gauss-Kruger, to read coordinates out and to find the place of typed ones. Areas come from the server.
// Kruger's series to the fourth order: below a millimetre within the zone.

const semiMajor = 6378137;
const flattening = 1 / 298.257222101;
const falseEasting = 500_000;

const n = flattening / (2 - flattening);
const rectifyingRadius = (semiMajor / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64);
const alpha = [
  n / 2 - (2 / 3) * n ** 2 + (5 / 16) * n ** 3 + (41 / 180) * n ** 4,
  (13 / 48) * n ** 2 - (3 / 5) * n ** 3 + (557 / 1440) * n ** 4,
  (61 / 240) * n ** 3 - (103 / 140) * n ** 4,
  (49561 / 161280) * n ** 4,
];
const beta = [
  n / 2 - (2 / 3) * n ** 2 + (37 / 96) * n ** 3 - (1 / 360) * n ** 4,
  (1 / 48) * n ** 2 + (1 / 15) * n ** 3 - (437 / 1440) * n ** 4,
  (17 / 480) * n ** 3 - (37 / 840) * n ** 4,
  (4397 / 161280) * n ** 4,
];
const eccentricity = (2 * Math.sqrt(n)) / (1 + n);

export type Grid = { north: number; east: number };

/** North (X) and east (Y) in metres, without the zone's number; the central meridian in degrees. */
export function project(lon: number, lat: number, centralMeridian: number): Grid {
  const phi = (lat * Math.PI) / 180;
  const lambda = ((lon - centralMeridian) * Math.PI) / 180;
  const sin = Math.sin(phi);
  const t = Math.sinh(Math.atanh(sin) - eccentricity * Math.atanh(eccentricity * sin));
  const xi = Math.atan2(t, Math.cos(lambda));
  const eta = Math.atanh(Math.sin(lambda) / Math.sqrt(1 + t * t));
  let north = xi;
  let east = eta;
  alpha.forEach((it, index) => {
    const k = 2 * (index + 1);
    north += it * Math.sin(k * xi) * Math.cosh(k * eta);
    east += it * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  return { north: rectifyingRadius * north, east: falseEasting + rectifyingRadius * east };
}

/** Longitude and latitude in degrees of a place in the zone. */
export function unproject({ north, east }: Grid, centralMeridian: number): [lon: number, lat: number] {
  const xi = north / rectifyingRadius;
  const eta = (east - falseEasting) / rectifyingRadius;
  let xi1 = xi;
  let eta1 = eta;
  beta.forEach((it, index) => {
    const k = 2 * (index + 1);
    xi1 -= it * Math.sin(k * xi) * Math.cosh(k * eta);
    eta1 -= it * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  const conformal = Math.sin(xi1) / Math.hypot(Math.sinh(eta1), Math.cos(xi1));
  // From the conformal latitude back to the geographic one; each step is nearer by the square of the eccentricity.
  let phi = Math.atan(conformal);
  for (let step = 0; step < 8; step += 1) {
    const sin = Math.sin(phi);
    phi = Math.atan(Math.sinh(Math.asinh(conformal) + eccentricity * Math.atanh(eccentricity * sin)));
  }
  const lambda = Math.atan2(Math.sinh(eta1), Math.cos(xi1));
  return [centralMeridian + (lambda * 180) / Math.PI, (phi * 180) / Math.PI];
}
