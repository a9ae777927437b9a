// Turned parcels as states of a map's features: the tiles stay as they are.
import type { Map as MapLibreMap } from 'maplibre-gl';
import { useEffect, useRef } from 'react';
import type { Bbox } from '../api/schema';
import type { Turned } from './flips';

/** Sets what is new and takes away what no longer holds; nothing is fetched or parsed for it. */
export function useTurned(map: MapLibreMap | null, layerId: string, turned: ReadonlyMap<number, Turned>) {
  const shown = useRef<{ map: MapLibreMap; turned: ReadonlyMap<number, Turned> } | null>(null);
  useEffect(() => {
    if (!map) return;
    const of = { source: layerId, sourceLayer: layerId };
    // Another map has none yet.
    const before: ReadonlyMap<number, Turned> =
      shown.current?.map === map ? shown.current.turned : new Map<number, Turned>();
    shown.current = { map, turned };
    for (const id of before.keys()) if (!turned.has(id)) map.removeFeatureState({ ...of, id });
    for (const [id, it] of turned) {
      const old = before.get(id);
      if (old?.to !== it.to || old.kind !== it.kind)
        map.setFeatureState({ ...of, id }, { to: it.to, kind: it.kind });
    }
  }, [map, layerId, turned]);
}

/** The view with a margin, so that a little panning shows what is turned there, too. */
export function boxOf(map: MapLibreMap): Bbox {
  const bounds = map.getBounds();
  const [west, south, east, north] = [
    bounds.getWest(),
    bounds.getSouth(),
    bounds.getEast(),
    bounds.getNorth(),
  ];
  const [x, y] = [(east - west) / 8, (north - south) / 8];
  const round = (it: number) => Math.round(it * 1e6) / 1e6;
  return [
    Math.max(-180, round(west - x)),
    Math.max(-90, round(south - y)),
    Math.min(180, round(east + x)),
    Math.min(90, round(north + y)),
  ];
}
