// What was dropped: one file, or the pieces of one shapefile. Pure.

export type Piece = { name: string; size: number };

/** Keys below `import.files.`; `stop` is what cannot be uploaded, `note` what may be missed. */
export type Looked = { stop: string | null; note: string | null };

const shapefile = /\.(shp|shx|dbf|prj|cpg|sbn|sbx|qix|qpj|shp\.xml|cst)$/i;
const known =
  /\.(zip|shp|dbf|gpkg|geojson|json|geojsonl|geojsons|ndjson|topojson|fgb|kml|kmz|dxf|txt|csv|tsv|xlsx|xls|xlsb|ods|parquet|geoparquet|gml)$/i;

export const accepted =
  '.zip,.shp,.shx,.dbf,.prj,.cpg,.gpkg,.geojson,.json,.geojsonl,.topojson,.fgb,.kml,.kmz,.dxf,.txt,.csv,.tsv,.xlsx,.xls,.xlsb,.ods,.parquet';

export function look(pieces: readonly Piece[]): Looked {
  const names = pieces.map((it) => it.name);
  const ofShapefile = names.filter((it) => shapefile.test(it));
  const [only] = names;
  if (only === undefined) return { stop: null, note: null };
  if (pieces.some((it) => it.size === 0)) return { stop: 'zero_bytes', note: null };
  if (names.some((it) => /\.gdb$/i.test(it))) return { stop: 'folder', note: null };
  if (names.length > 1 && ofShapefile.length < names.length) return { stop: 'several', note: null };
  if (new Set(ofShapefile.map(stem)).size > 1) return { stop: 'several', note: null };
  if (ofShapefile.length > 0) return { stop: null, note: missingPiece(ofShapefile) };
  return { stop: null, note: known.test(only) ? null : 'unknown' };
}

function missingPiece(names: readonly string[]): string | null {
  const has = (ending: string) => names.some((it) => it.toLowerCase().endsWith(ending));
  // A table alone is a file of its own.
  if (!has('.shp')) return has('.dbf') ? null : 'no_shp';
  if (!has('.dbf')) return 'no_dbf';
  return has('.prj') ? null : 'no_prj';
}

function stem(name: string): string {
  return name.replace(shapefile, '').toLowerCase();
}

/** The files of a second drop take the place of files of the same name. */
export function together<T extends Piece>(before: readonly T[], added: readonly T[]): T[] {
  const names = new Set(added.map((it) => it.name.toLowerCase()));
  return [...before.filter((it) => !names.has(it.name.toLowerCase())), ...added];
}
