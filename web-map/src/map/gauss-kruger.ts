// CGCS2000 / 3-degree Gauss-Kruger CM 120E (EPSG:4549), for the coordinate read-out only. Areas come
// from the server. Kruger's series to the fourth order: below a millimetre within the zone.

const semiMajor = 6378137;
const flattening = 1 / 298.257222101;
const centralMeridian = 120;
const falseEasting = 500_000;

const n = flattening / (2 - flattening);
const rectifyingRadius = (semiMajor / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64);
const alpha = [
  n / 2 - (2 / 3) * n ** 2 + (5 / 16) * n ** 3 + (41 / 180) * n ** 4,
  (13 / 48) * n ** 2 - (3 / 5) * n ** 3 + (557 / 1440) * n ** 4,
  (61 / 240) * n ** 3 - (103 / 140) * n ** 4,
  (49561 / 161280) * n ** 4,
];
const eccentricity = (2 * Math.sqrt(n)) / (1 + n);

/** North (X) and east (Y) in metres, in the surveyors' order. */
export function projectTo4549(lon: number, lat: number): { north: number; east: number } {
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
