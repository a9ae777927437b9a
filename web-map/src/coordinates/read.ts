// Typed or pasted coordinates as places, in every system they may be of. China's longitudes and latitudes do not overlap, and
// metres of a zone, with its number, and of Web Mercator do not either: only which zone an easting without number is of, and
// whether degrees were copied from a shifted map, cannot be told. There all readings are given, the nearest first. Pure.
import type { Position } from '../api/schema';
import { unproject } from './gauss-kruger';
import { fromGcj02 } from './gcj';
import { fromMercator, zones, type System } from './systems';

export type Reading = { system: System; point: Position };

const between = (from: number, to: number) => (it: number) => it >= from && it < to;
const isLongitude = between(73, 136);
const isLatitude = between(3, 54);
/** Northings in China are above a million less a little: eastings without a number are below. */
const isNorthing = between(900_000, 6_000_000);
const isEasting = between(100_000, 900_000);
const isPlace = ([lon, lat]: Position) => isLongitude(lon) && isLatitude(lat);

/** `near` is where the reader looks: of several zones its own comes first. */
export function readPlaces(text: string, near: Position): Reading[] {
  const pair = readPair(text);
  if (!pair) return [];
  const [a, b] = pair;
  for (const [lon, lat] of [pair, [b, a] as const]) {
    if (!isLongitude(lon) || !isLatitude(lat)) continue;
    return [
      { system: 'decimal', point: [lon, lat] },
      { system: 'gcj02', point: fromGcj02([lon, lat]) },
    ];
  }
  const found: Reading[] = [];
  for (const [north, east] of [pair, [b, a] as const]) {
    if (!isNorthing(north)) continue;
    for (const zone of zones) {
      const metres = east - zone.number * 1e6;
      if (isEasting(east)) {
        found.push({ system: `epsg${zone.plain}`, point: unproject({ north, east }, zone.meridian) });
      } else if (isEasting(metres)) {
        found.push({
          system: `epsg${zone.prefixed}`,
          point: unproject({ north, east: metres }, zone.meridian),
        });
      }
    }
  }
  const mercator = fromMercator({ x: a, y: b });
  if (a > 8e6 && isPlace(mercator)) found.push({ system: 'mercator', point: mercator });
  const away = ({ point }: Reading) => Math.hypot(point[0] - near[0], point[1] - near[1]);
  return found.filter((it) => isPlace(it.point)).sort((one, other) => away(one) - away(other));
}

/** Two numbers, whatever stands between them, before and behind. */
function readPair(text: string): [number, number] | null {
  const plain = text
    .normalize('NFKC')
    .replace(/[,;、\t]/g, ' ')
    // `X 3473781.44  Y 618908.66`, as the map itself writes it.
    .replace(/(^|\s)[XYxy]\s*[:=]?\s*/g, '$1')
    .trim();
  const parts = plain.split(/\s+/);
  const [a, b] = parts.map(readNumber);
  if (parts.length !== 2 || a === undefined || b === undefined || a === null || b === null) return null;
  return [a, b];
}

/** A decimal number, or degrees, minutes and seconds in one word. */
function readNumber(word: string): number | null {
  const bare = word.replace(/[NEne北东]$/, '').replace(/^[NE北东]?[纬经]?/, '');
  const [, degrees, minutes = '0', seconds = '0'] =
    bare.match(/^(\d{1,3})[°度](?:(\d{1,2}(?:\.\d+)?)['′’分](?:(\d{1,2}(?:\.\d+)?)(?:["″”秒]|''|′′)?)?)?$/) ??
    [];
  if (degrees !== undefined) {
    if (Number(minutes) >= 60 || Number(seconds) >= 60) return null;
    return Number(degrees) + Number(minutes) / 60 + Number(seconds) / 3600;
  }
  return /^\d{1,8}(\.\d{1,12})?$/.test(bare) ? Number(bare) : null;
}
