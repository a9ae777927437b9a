// The systems in which a place is read out. CGCS2000 throughout, save for GCJ-02, which is an approximation. Pure.
import type { Position } from '../api/schema';
import { toGcj02 } from './gcj';
import { project } from './gauss-kruger';

/** Zones of three degrees, by their central meridian; `prefixed` is the system whose eastings begin with the zone's number. */
export const zones = [
  { plain: 4547, prefixed: 4526, number: 38, meridian: 114 },
  { plain: 4548, prefixed: 4527, number: 39, meridian: 117 },
  { plain: 4549, prefixed: 4528, number: 40, meridian: 120 },
  { plain: 4550, prefixed: 4529, number: 41, meridian: 123 },
] as const;
export type Zone = (typeof zones)[number];

export const geographic = ['decimal', 'dms'] as const;
export const others = ['mercator', 'gcj02'] as const;
export type System =
  (typeof geographic)[number] | (typeof others)[number] | `epsg${Zone['plain'] | Zone['prefixed']}`;

export const systems: readonly System[] = [
  ...geographic,
  ...zones.map((it): System => `epsg${it.plain}`),
  ...zones.map((it): System => `epsg${it.prefixed}`),
  ...others,
];

/** The zone whose meridian is nearest. */
export function zoneOf(lon: number): Zone {
  return zones.reduce((best, it) =>
    Math.abs(it.meridian - lon) < Math.abs(best.meridian - lon) ? it : best,
  );
}

const earth = 6_378_137;

export function toMercator([lon, lat]: Position): { x: number; y: number } {
  const phi = (lat * Math.PI) / 180;
  return { x: (earth * lon * Math.PI) / 180, y: earth * Math.asinh(Math.tan(phi)) };
}

export function fromMercator({ x, y }: { x: number; y: number }): Position {
  return [(x / earth) * (180 / Math.PI), Math.atan(Math.sinh(y / earth)) * (180 / Math.PI)];
}

/** Longitude first, as on the map's own links; metres of a zone in the surveyors' order, north before east. */
export function coordinate(lon: number, lat: number, system: System): string {
  if (system === 'dms') return `${dms(lon, 'E', 'W')}  ${dms(lat, 'N', 'S')}`;
  if (system === 'decimal') return `${lon.toFixed(6)}, ${lat.toFixed(6)}`;
  if (system === 'gcj02') {
    const [x, y] = toGcj02([lon, lat]);
    return `${x.toFixed(6)}, ${y.toFixed(6)}`;
  }
  if (system === 'mercator') {
    const { x, y } = toMercator([lon, lat]);
    return `${x.toFixed(2)}, ${y.toFixed(2)}`;
  }
  const code = Number(system.slice(4));
  const zone = zones.find((it) => it.plain === code || it.prefixed === code) ?? zoneOf(lon);
  const { north, east } = project(lon, lat, zone.meridian);
  const shown = code === zone.prefixed ? zone.number * 1e6 + east : east;
  return `X ${north.toFixed(2)}  Y ${shown.toFixed(2)}`;
}

function dms(degrees: number, plus: string, minus: string): string {
  // Hundredths of a second first: 59.999″ must carry into the minute.
  const total = Math.round(Math.abs(degrees) * 360_000);
  const seconds = ((total % 6000) / 100).toFixed(2).padStart(5, '0');
  const minutes = String(Math.floor(total / 6000) % 60).padStart(2, '0');
  return `${Math.floor(total / 360_000)}°${minutes}′${seconds}″${degrees < 0 ? minus : plus}`;
}
