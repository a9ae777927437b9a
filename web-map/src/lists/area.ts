// A drawn polygon as a filter of parcels: the same selection as on the map. Pure.
import type { Polygon } from 'geojson';

/** CQL2 of what touches the polygon; coordinates are degrees, longitude first. */
export function touches(shape: Polygon): string {
  const rings = shape.coordinates.map((ring) => `(${ring.map(([lon, lat]) => `${lon} ${lat}`).join(', ')})`);
  return `S_INTERSECTS(geom, POLYGON(${rings.join(', ')}))`;
}
