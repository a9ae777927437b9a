// States of a layer's features, kept equal to what is wanted: only those that differ are told to the map.
import type { Map as MapLibreMap } from 'maplibre-gl';
import { useEffect, useRef } from 'react';

export type States = ReadonlyMap<number, number | boolean | string>;

const none: States = new Map();

/** What has to be set and what taken away, so that `after` is there and nothing else. Pure. */
export function turned(
  before: States,
  after: States,
): { set: [number, number | boolean | string][]; gone: number[] } {
  return {
    set: [...after].filter(([id, it]) => before.get(id) !== it),
    gone: [...before.keys()].filter((id) => !after.has(id)),
  };
}

/** The features of `layerId` carry `states` under `key`; the tiles stay as they are. */
export function useStates(
  map: MapLibreMap | null,
  layerId: string | null,
  key: string,
  states: States,
): void {
  const set = useRef<{ map: MapLibreMap; layerId: string; states: States } | null>(null);

  useEffect(() => {
    const before = set.current;
    const isSame = before !== null && before.map === map && before.layerId === layerId;
    if (before && !isSame && before.map.style && before.map.getSource(before.layerId)) {
      for (const id of before.states.keys()) {
        before.map.removeFeatureState({ source: before.layerId, sourceLayer: before.layerId, id }, key);
      }
    }
    if (!map || layerId === null || !map.getSource(layerId)) {
      set.current = null;
      return;
    }
    const of = { source: layerId, sourceLayer: layerId };
    const { set: wanted, gone } = turned(isSame ? before.states : none, states);
    for (const id of gone) map.removeFeatureState({ ...of, id }, key);
    for (const [id, it] of wanted) map.setFeatureState({ ...of, id }, { [key]: it });
    set.current = { map, layerId, states };
  }, [map, layerId, key, states]);
}
