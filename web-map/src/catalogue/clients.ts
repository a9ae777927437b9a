// What to type into which program to read a layer: docs/gis-clients.md in the browser. Pure.
import type { Layer } from '../api/schema';

export type Recipe = {
  client: 'qgis' | 'arcgis' | 'gdal' | 'wmts' | 'wms' | 'ogc' | 'tiles' | 'style';
  text: string;
};

/** `address` turns a path of the service into a full address. */
export function recipes(layer: Pick<Layer, 'id' | 'geometry'>, address: (path: string) => string): Recipe[] {
  const { id } = layer;
  const tables: Recipe[] = [
    { client: 'qgis', text: address('/wfs') },
    { client: 'arcgis', text: address(`/arcgis/rest/services/${id}/FeatureServer`) },
    { client: 'gdal', text: `ogr2ogr ${id}.gpkg WFS:${address('/wfs')} mutu:${id}` },
    { client: 'ogc', text: address(`/ogc/collections/${id}`) },
  ];
  if (layer.geometry === 'none') return tables;
  return [
    ...tables,
    { client: 'wmts', text: address('/wmts/1.0.0/WMTSCapabilities.xml') },
    { client: 'wms', text: address('/wms') },
    { client: 'tiles', text: address(`/tiles/${id}.json`) },
    { client: 'style', text: address(`/styles/${id}.json`) },
  ];
}

/** Formats of whole layers, and whether they need shapes. */
export const downloads = [
  { format: 'xlsx', ending: 'xlsx', shapes: false },
  { format: 'csv', ending: 'csv', shapes: false },
  { format: 'geojson', ending: 'geojson', shapes: true },
  { format: 'gpkg', ending: 'gpkg', shapes: true },
  { format: 'shp', ending: 'zip', shapes: true },
  { format: 'shp-gbk', ending: 'zip', shapes: true },
  { format: 'fgb', ending: 'fgb', shapes: true },
  { format: 'kml', ending: 'kml', shapes: true },
] as const;

/** The layer that an address asks for; anything that is not of the form of an id is none. */
export function readLayer(search: string): string | null {
  const id = new URLSearchParams(search).get('layer');
  return id !== null && /^[a-z][a-z0-9_]{0,62}$/.test(id) ? id : null;
}
