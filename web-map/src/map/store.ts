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

/** Pixels of the map's height that a dossier covers on a phone, as `phone.css` has it. */
export function coveredBelow(map: MapLibreMap): number {
  return matchMedia('(max-width: 640px)').matches ? map.getContainer().clientHeight * 0.62 : 0;
}

export function flyTo(place: { point: Position | null; bbox: Bbox | null }): void {
  const { map } = useMapStore.getState();
  if (!map) return;
  map.resize();
  const { clientWidth, clientHeight } = map.getContainer();
  const covered = coveredBelow(map);
  const side = Math.min(clientWidth, clientHeight - covered) / 4;
  const padding = { top: side, left: side, right: side, bottom: side + covered };
  if (place.bbox) map.fitBounds(place.bbox, { padding, maxZoom: 16.5, duration: 700 });
  else if (place.point) {
    const zoom = Math.max(16, map.getZoom());
    map.flyTo({ center: place.point, zoom, offset: [0, -covered / 2], duration: 700 });
  }
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
