// GCJ-02, the shifted coordinates of Gaode and Tencent: the published approximation of a transformation that is not public, good to
// some metres. To paste a place into such a map and to find one that was copied from it; nothing of it is ever kept.
import type { Position } from '../api/schema';

/** Krassowsky's ellipsoid, as the approximation has it. */
const a = 6_378_245;
const e2 = 0.006_693_421_622_965_943;
const { PI, sin, cos, sqrt, abs } = Math;

/** Where the shift is applied at all. */
const within = ([lon, lat]: Position) => lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;

export function toGcj02(place: Position): Position {
  if (!within(place)) return place;
  const [lon, lat] = place;
  const [x, y] = [lon - 105, lat - 35];
  const waves = ((20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2) / 3;
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * sqrt(abs(x)) +
    waves +
    ((20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3 +
    ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * sqrt(abs(x)) +
    waves +
    ((20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3 +
    ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
  const phi = (lat * PI) / 180;
  const magic = 1 - e2 * sin(phi) ** 2;
  return [
    lon + (east * 180) / ((a / sqrt(magic)) * cos(phi) * PI),
    lat + (north * 180) / (((a * (1 - e2)) / (magic * sqrt(magic))) * PI),
  ];
}

/** The place whose shifted coordinates these are; the shift changes slowly, so that a few steps do. */
export function fromGcj02(shifted: Position): Position {
  let place = shifted;
  for (let step = 0; step < 6; step += 1) {
    const [lon, lat] = toGcj02(place);
    place = [place[0] - (lon - shifted[0]), place[1] - (lat - shifted[1])];
  }
  return place;
}
