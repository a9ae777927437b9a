// A polygon on its way: vertices that are clicked, typed or taken back, and closed. Pure.
import type { Feature, Polygon } from 'geojson';
import type { Shapes } from '../import/shape-style';

export type Vertex = readonly [lon: number, lat: number];
export type Drawing = { readonly vertices: readonly Vertex[]; readonly isClosed: boolean };

export const nothing: Drawing = { vertices: [], isClosed: false };

/** As the server counts: a ring of more is not read. */
export const verticesAtMost = 4999;
const places = 7;

const rounded = (degrees: number) => Number(degrees.toFixed(places));

/** One more vertex; a closed shape begins anew. */
export function added({ vertices, isClosed }: Drawing, [lon, lat]: Vertex): Drawing {
  const vertex: Vertex = [rounded(lon), rounded(lat)];
  if (isClosed) return { vertices: [vertex], isClosed: false };
  const last = vertices.at(-1);
  if (last?.[0] === vertex[0] && last[1] === vertex[1]) return { vertices, isClosed };
  if (vertices.length >= verticesAtMost) return { vertices, isClosed };
  return { vertices: [...vertices, vertex], isClosed: false };
}

/** Opens a closed shape first, then takes vertices back one by one. */
export function undone({ vertices, isClosed }: Drawing): Drawing {
  return { vertices: isClosed ? vertices : vertices.slice(0, -1), isClosed: false };
}

/** Two vertices enclose nothing. */
export function closed(drawing: Drawing): Drawing {
  return drawing.vertices.length < 3 ? drawing : { ...drawing, isClosed: true };
}

/** What is sent, or null while it is not closed. */
export function shapeOf({ vertices, isClosed }: Drawing): Polygon | null {
  const [first] = vertices;
  if (!isClosed || !first) return null;
  return { type: 'Polygon', coordinates: [[...vertices, first].map(([lon, lat]) => [lon, lat])] };
}

export function writeVertices(vertices: readonly Vertex[]): string {
  return vertices.map(([lon, lat]) => `${lon}, ${lat}`).join('\n');
}

/** One vertex a line, longitude before latitude; `wrong` is the first line, from 1, that is none. */
export function readVertices(text: string): { vertices: Vertex[]; wrong: number | null } {
  const vertices: Vertex[] = [];
  let wrong: number | null = null;
  text.split('\n').forEach((line, nth) => {
    const words = line.split(/[\s,，;；]+/u).filter((it) => it !== '');
    if (words.length === 0) return;
    const [lon, lat] = words.map(Number);
    const isVertex =
      words.length === 2 &&
      lon !== undefined &&
      lat !== undefined &&
      Math.abs(lon) <= 180 &&
      Math.abs(lat) <= 90 &&
      words.every((it) => /^[+-]?\d+(\.\d+)?$/.test(it));
    if (isVertex) vertices.push([rounded(lon), rounded(lat)]);
    else wrong ??= nth + 1;
  });
  const [first, last] = [vertices[0], vertices.at(-1)];
  // A ring that is pasted comes back to where it began.
  if (vertices.length > 1 && first?.[0] === last?.[0] && first?.[1] === last?.[1]) vertices.pop();
  return { vertices, wrong };
}

/** Where a refused shape is wrong. */
export type Fault = { vertex: number | null; edges: readonly number[]; point: Vertex | null };

/** The place in a problem's members: `shape.coordinates[0][3]`, the edges that meet, and where. */
export function faultOf(members: Readonly<Record<string, unknown>>): Fault {
  const at = typeof members['at'] === 'string' ? members['at'] : '';
  const vertex = at.match(/coordinates\[0\]\[(\d{1,5})\]/)?.[1];
  const numbers = (it: unknown) =>
    Array.isArray(it) ? it.filter((own): own is number => typeof own === 'number') : [];
  const [lon, lat] = numbers(members['point']);
  return {
    vertex: vertex === undefined ? null : Number(vertex),
    edges: numbers(members['edges']),
    point: lon === undefined || lat === undefined ? null : [lon, lat],
  };
}

/** What the map shows of it. */
export function shapesOf(drawing: Drawing, fault: Fault | null): Shapes {
  const { vertices, isClosed } = drawing;
  const ring = isClosed && vertices[0] ? [...vertices, vertices[0]] : [...vertices];
  const of = (kind: string, geometry: Feature['geometry']): Shapes['features'][number] => ({
    type: 'Feature',
    properties: { kind, shape: '' },
    geometry,
  });
  const line = (own: readonly Vertex[]) => own.map(([lon, lat]) => [lon, lat]);
  const shown: Shapes['features'] = [];
  if (isClosed) shown.push(of('drawn', { type: 'Polygon', coordinates: [line(ring)] }));
  else if (ring.length > 1) shown.push(of('drawn', { type: 'LineString', coordinates: line(ring) }));
  for (const [lon, lat] of vertices) shown.push(of('drawn', { type: 'Point', coordinates: [lon, lat] }));
  for (const nth of fault?.edges ?? []) {
    const edge = ring.slice(nth, nth + 2);
    if (edge.length === 2) shown.push(of('fault', { type: 'LineString', coordinates: line(edge) }));
  }
  const place = fault?.point ?? (fault?.vertex == null ? null : ring[fault.vertex]);
  if (place) shown.push(of('fault', { type: 'Point', coordinates: [place[0], place[1]] }));
  return { type: 'FeatureCollection', features: shown };
}
