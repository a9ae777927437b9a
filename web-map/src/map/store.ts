// What the map tells the rest of the page. The camera is not here: it moves without React.
import type { Map as MapLibreMap } from 'maplibre-gl';
import { create } from 'zustand';
import type { Bbox, Position } from '../api/schema';

type MapStore = {
  /** Set once the style is in place. */
  map: MapLibreMap | null;
  /** Layers whose tiles failed, until retried. */
  failed: Readonly<Record<string, true>>;
  pin: Position | null;
  clicked: Position | null;
};

export const useMapStore = create<MapStore>()(() => ({ map: null, failed: {}, pin: null, clicked: null }));

export function retryLayer(layerId: string): void {
  useMapStore.setState(({ failed }) => {
    const others = Object.entries(failed).filter(([id]) => id !== layerId);
    return { failed: Object.fromEntries(others) };
  });
  useMapStore.getState().map?.refreshTiles(layerId);
}

export function flyTo(place: { point: Position | null; bbox: Bbox | null }): void {
  const { map } = useMapStore.getState();
  if (!map) return;
  map.resize();
  const { clientWidth, clientHeight } = map.getContainer();
  const padding = Math.min(clientWidth, clientHeight) / 4;
  if (place.bbox) map.fitBounds(place.bbox, { padding, maxZoom: 16.5, duration: 700 });
  else if (place.point) map.flyTo({ center: place.point, zoom: Math.max(16, map.getZoom()), duration: 700 });
}

/** The current view, outwards to about a decimetre. */
export function viewBbox(): Bbox | null {
  const bounds = useMapStore.getState().map?.getBounds();
  if (!bounds) return null;
  const down = (it: number, least: number) => Math.max(least, Math.floor(it * 1e6) / 1e6);
  const up = (it: number, most: number) => Math.min(most, Math.ceil(it * 1e6) / 1e6);
  return [
    down(bounds.getWest(), -180),
    down(bounds.getSouth(), -90),
    up(bounds.getEast(), 180),
    up(bounds.getNorth(), 90),
  ];
}
