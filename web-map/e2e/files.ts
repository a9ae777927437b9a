// Files as offices hand them over, made by the walk itself: GeoJSON, and shapefiles in GBK.
import type { FeatureCollection, Polygon, Position } from 'geojson';
import { crc32 } from 'node:zlib';

export type Lot = { properties: Record<string, string | number | null>; ring: Position[] };

export type Upload = { name: string; mimeType: string; buffer: Buffer };

export function geojson(name: string, lots: readonly Lot[]): Upload {
  const collection: FeatureCollection<Polygon> = {
    type: 'FeatureCollection',
    features: lots.map(({ properties, ring }) => ({
      type: 'Feature',
      properties,
      geometry: { type: 'Polygon', coordinates: [ring] },
    })),
  };
  return { name, mimeType: 'application/geo+json', buffer: Buffer.from(JSON.stringify(collection)) };
}

/** A closed square, its south-western corner and its side in the units of the coordinates, clockwise. */
export function square([x, y]: Position, side: number): Position[] {
  const [west = 0, south = 0] = [x, y];
  return [
    [west, south],
    [west, south + side],
    [west + side, south + side],
    [west + side, south],
    [west, south],
  ];
}

/** The bytes in GBK of the few words that the walk writes; Node encodes no GBK itself. */
const gbk: Record<string, string> = {
  地块编码: 'b5d8bfe9b1e0c2eb',
  地块名称: 'b5d8bfe9c3fbb3c6',
  登记面积: 'b5c7bcc7c3e6bbfd',
  嘉定北厂: 'bcceb6a8b1b1b3a7',
  嘉定南厂: 'bcceb6a8c4cfb3a7',
};

function encoded(text: string): Buffer {
  return gbk[text] ? Buffer.from(gbk[text], 'hex') : Buffer.from(text, 'ascii');
}

/** A zipped shapefile of polygons without `.prj` and `.cpg`, its table in GBK without a language byte. */
export function gbkShapefile(name: string, lots: readonly Lot[]): Upload {
  const { shp, shx } = shapes(lots.map((it) => it.ring));
  const dbf = table(lots.map((it) => it.properties));
  const buffer = zip([
    [`${name}.shp`, shp],
    [`${name}.shx`, shx],
    [`${name}.dbf`, dbf],
  ]);
  return { name: `${name}.zip`, mimeType: 'application/zip', buffer };
}

function extent(rings: readonly Position[][]): [number, number, number, number] {
  const points = rings.flat();
  const xs = points.map(([x = 0]) => x);
  const ys = points.map(([, y = 0]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function shapes(rings: readonly Position[][]): { shp: Buffer; shx: Buffer } {
  const records = rings.map((ring) => {
    const body = Buffer.alloc(44 + 4 + ring.length * 16);
    body.writeInt32LE(5, 0);
    extent([ring]).forEach((it, at) => body.writeDoubleLE(it, 4 + at * 8));
    body.writeInt32LE(1, 36);
    body.writeInt32LE(ring.length, 40);
    body.writeInt32LE(0, 44);
    ring.forEach(([x = 0, y = 0], at) => {
      body.writeDoubleLE(x, 48 + at * 16);
      body.writeDoubleLE(y, 56 + at * 16);
    });
    return body;
  });
  const header = (bytes: number) => {
    const it = Buffer.alloc(100);
    it.writeInt32BE(9994, 0);
    it.writeInt32BE(bytes / 2, 24);
    it.writeInt32LE(1000, 28);
    it.writeInt32LE(5, 32);
    extent(rings).forEach((value, at) => it.writeDoubleLE(value, 36 + at * 8));
    return it;
  };
  const entries: Buffer[] = [];
  const whole: Buffer[] = [];
  let at = 100;
  records.forEach((body, nth) => {
    const head = Buffer.alloc(8);
    head.writeInt32BE(nth + 1, 0);
    head.writeInt32BE(body.length / 2, 4);
    const entry = Buffer.alloc(8);
    entry.writeInt32BE(at / 2, 0);
    entry.writeInt32BE(body.length / 2, 4);
    entries.push(entry);
    whole.push(head, body);
    at += 8 + body.length;
  });
  return {
    shp: Buffer.concat([header(at), ...whole]),
    shx: Buffer.concat([header(100 + 8 * records.length), ...entries]),
  };
}

function table(rows: readonly Lot['properties'][]): Buffer {
  const names = Object.keys(rows[0] ?? {});
  const width = 24;
  const head = Buffer.alloc(32 + names.length * 32 + 1);
  head.writeUInt8(3, 0);
  head.writeUInt32LE(rows.length, 4);
  head.writeUInt16LE(head.length, 8);
  head.writeUInt16LE(1 + names.length * width, 10);
  names.forEach((name, at) => {
    const field = 32 + at * 32;
    encoded(name).copy(head, field, 0, 10);
    head.write('C', field + 11, 'ascii');
    head.writeUInt8(width, field + 16);
  });
  head.writeUInt8(0x0d, head.length - 1);
  const body = rows.map((row) => {
    const record = Buffer.alloc(1 + names.length * width, 0x20);
    names.forEach((name, at) => encoded(String(row[name] ?? '')).copy(record, 1 + at * width, 0, width));
    return record;
  });
  return Buffer.concat([head, ...body, Buffer.from([0x1a])]);
}

/** An archive whose files are stored as they are. */
function zip(files: readonly (readonly [string, Buffer])[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const [name, content] of files) {
    const title = Buffer.from(name);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(20, 4);
    // Names are UTF-8.
    head.writeUInt16LE(0x0800, 6);
    head.writeUInt32LE(crc32(content), 14);
    head.writeUInt32LE(content.length, 18);
    head.writeUInt32LE(content.length, 22);
    head.writeUInt16LE(title.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 4);
    head.copy(entry, 6, 4, 30);
    entry.writeUInt32LE(at, 42);
    local.push(head, title, content);
    central.push(entry, title);
    at += 30 + title.length + content.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...local, directory, end]);
}
