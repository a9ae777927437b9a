// Where the map has to look to see an extent. Pure.
import type { Bbox } from '../api/schema';

const tile = 512;

/** `#map=zoom/lat/lon` for a screen of this size in CSS pixels, with some margin. */
export function cameraOf([west, south, east, north]: Bbox, width = 1000, height = 640): string {
  const y = (lat: number) => {
    const sine = Math.sin((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180);
    return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  };
  const across = Math.max((east - west) / 360, 1e-9);
  const down = Math.max(y(south) - y(north), 1e-9);
  const zoom = Math.log2(Math.min((width * 0.85) / (tile * across), (height * 0.85) / (tile * down)));
  const shown = Math.max(2, Math.min(17, zoom));
  return `#map=${shown.toFixed(2)}/${((south + north) / 2).toFixed(5)}/${((west + east) / 2).toFixed(5)}`;
}
