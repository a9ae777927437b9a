// Which tiles of the map are old. The style names tiles without a revision, so that it stays the same when rows change;
// each request gets the revision that is known by then, and what was asked for by an earlier one is asked for again
// where something changed since. Pure: the map itself is `refresh.ts`.
import type { Bbox, Layer } from '../api/schema';

export type TileId = { z: number; x: number; y: number };

/** A change's area; everywhere without one. */
type Area = { revision: number; bbox: Bbox | null };

type Asked = TileId & { revision: number; as: string; filter: string | null };

type Known = {
  revision: number;
  /** The end of the stamp: as whom. */
  as: string;
  /** CQL2 text of the rows that are shown; all without one. */
  filter: string | null;
  areas: Area[];
  /** By `z/x/y`, the latest last. */
  asked: Map<string, Asked>;
};

/** More areas than this are put together. */
const mostAreas = 32;
/** Tiles that are remembered of a layer; a screen shows some dozen. */
const mostTiles = 2_000;
/** The margin that is drawn around a tile (64 of 4096), doubled: a border may be drawn a little beside its place. */
const margin = 1 / 32;

const address = /\/tiles\/([a-z][a-z0-9_]*)\/(\d+)\/(\d+)\/(\d+)$/;

/** A layer's tiles without their revision. */
export function tilesOf(layer: Layer): string {
  return layer.tiles.replace(/\?.*$/, '');
}

/** The address of a tile of which only some rows are shown. */
export function narrowedTile(url: string, filters: ReadonlyMap<string, string>): string {
  const filter = filters.get(url.match(address)?.[1] ?? '');
  return filter === undefined ? url : `${url}?filter=${encodeURIComponent(filter)}`;
}

/** `12-viewer`: the revision, and as whom. */
function readStamp(tiles: string): { revision: number; as: string } {
  const [, digits, as] = tiles.match(/[?&]v=(\d+)([^&]*)/) ?? [];
  return { revision: Number(digits ?? 0), as: as ?? '' };
}

export class ShownTiles {
  private layers = new Map<string, Known>();
  private filters: ReadonlyMap<string, string> = new Map();

  /** What the layer tree says: newer than what was heard, or seen as somebody else. */
  learn(layers: Layer[]): void {
    for (const layer of layers) {
      const { revision, as } = readStamp(layer.tiles);
      const known = this.layers.get(layer.id);
      if (!known) {
        const filter = this.filters.get(layer.id) ?? null;
        this.layers.set(layer.id, { revision, as, filter, areas: [], asked: new Map() });
        continue;
      }
      known.as = as;
      // An older tree was asked for before the change that is known already.
      if (revision > known.revision) this.change(layer.id, revision, null);
    }
  }

  /** Only rows that fit are shown of the layers that are named, of the others all. */
  narrow(filters: ReadonlyMap<string, string>): void {
    this.filters = filters;
    for (const [layer, known] of this.layers) known.filter = filters.get(layer) ?? null;
  }

  /** Where every layer stands, which may be earlier than what was known: a record that was restored. */
  stand(revisions: Map<string, number>): void {
    for (const [layer, revision] of revisions) {
      const known = this.layers.get(layer);
      if (!known || known.revision === revision) continue;
      if (revision < known.revision) known.asked.forEach((it) => (it.revision = -1));
      this.change(layer, revision, null);
    }
  }

  /** A layer is at another revision. */
  change(layer: string, revision: number, bbox: Bbox | null): void {
    const known = this.layers.get(layer);
    if (!known) return;
    known.revision = revision;
    known.areas.push({ revision, bbox });
    const [first, second] = known.areas;
    if (known.areas.length > mostAreas && first && second) {
      known.areas.splice(0, 2, { revision: second.revision, bbox: union(first.bbox, second.bbox) });
    }
  }

  /** The address with which a tile is asked for now; other addresses stay as they are. */
  ask(url: string): string {
    const [, layer, ...numbers] = url.match(address) ?? [];
    const known = layer === undefined ? undefined : this.layers.get(layer);
    const [z, x, y] = numbers.map(Number);
    if (!known || z === undefined || x === undefined || y === undefined) return url;
    const key = `${z}/${x}/${y}`;
    known.asked.delete(key);
    const { revision, as, filter } = known;
    known.asked.set(key, { z, x, y, revision, as, filter });
    const [oldest] = known.asked.keys();
    if (known.asked.size > mostTiles && oldest !== undefined) known.asked.delete(oldest);
    return `${url}?v=${revision}${as}${filter === null ? '' : `&filter=${encodeURIComponent(filter)}`}`;
  }

  /** Tiles that were asked for before something in them changed, by layer. */
  old(): Map<string, TileId[]> {
    const all = new Map<string, TileId[]>();
    for (const [layer, { as, filter, areas, asked }] of this.layers) {
      const isOld = (it: Asked) =>
        it.as !== as ||
        it.filter !== filter ||
        areas.some((area) => area.revision > it.revision && (area.bbox === null || touches(it, area.bbox)));
      const old = [...asked.values()].filter(isOld);
      if (old.length > 0) all.set(layer, old);
    }
    return all;
  }
}

function union(a: Bbox | null, b: Bbox | null): Bbox | null {
  if (!a || !b) return null;
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

export function touches({ z, x, y }: TileId, [west, south, east, north]: Bbox): boolean {
  const side = 2 ** z;
  const column = (lon: number) => (lon / 360 + 0.5) * side;
  const row = (lat: number) => {
    const within = Math.min(85.0511, Math.max(-85.0511, lat));
    return (0.5 - Math.atanh(Math.sin((within * Math.PI) / 180)) / (2 * Math.PI)) * side;
  };
  return (
    column(east) >= x - margin &&
    column(west) <= x + 1 + margin &&
    row(south) >= y - margin &&
    row(north) <= y + 1 + margin
  );
}

/** Outwards to whole tenths of a degree, so that a row at the edge of a layer does not change its source. */
export function roomy([west, south, east, north]: Bbox): Bbox {
  const down = (it: number) => Math.floor(it * 10 + 1e-9) / 10;
  const up = (it: number) => Math.ceil(it * 10 - 1e-9) / 10;
  return [down(west), down(south), up(east), up(north)];
}
