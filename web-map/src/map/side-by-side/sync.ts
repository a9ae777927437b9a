// One camera for two maps: whichever moves takes the other along.
import type { Map as MapLibreMap } from 'maplibre-gl';

/** Returns the undo. */
export function syncCameras(one: MapLibreMap, other: MapLibreMap): () => void {
  let following = false;
  const follow = (from: MapLibreMap, to: MapLibreMap) => () => {
    // The follower's own move event would lead back.
    if (following) return;
    following = true;
    to.jumpTo({ center: from.getCenter(), zoom: from.getZoom(), bearing: from.getBearing() });
    following = false;
  };
  const there = follow(one, other);
  const back = follow(other, one);
  there();
  one.on('move', there);
  other.on('move', back);
  return () => {
    one.off('move', there);
    other.off('move', back);
  };
}
