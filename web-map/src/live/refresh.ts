// Asks again for old tiles of the map that is open. MapLibre keeps drawing a tile until its new version is there; its
// `setTiles` would ask for every tile in view.
import type { Map as MapLibreMap } from 'maplibre-gl';
import { ShownTiles } from './tiles';

/** Of the one map. */
export const shownTiles = new ShownTiles();

export function refreshOld(map: MapLibreMap): void {
  for (const [layer, old] of shownTiles.old()) {
    if (map.getSource(layer)) map.refreshTiles(layer, old);
  }
}

/**
 * What is on its way when a change is told is not asked for again, nor what lies out of view: when the map is at rest,
 * either may be in view and old.
 */
export function refreshAtRest(map: MapLibreMap): () => void {
  const look = () => refreshOld(map);
  map.on('idle', look);
  return () => void map.off('idle', look);
}
