// Where the reader stands, on a device that is carried about: one press, one position, and the parcel there.
import { GeolocateControl, type Map as MapLibreMap } from 'maplibre-gl';
import type { Position } from '../api/schema';

/** Near enough that outlines are told apart. */
const zoom = 17;
const patience = 20_000;

/** A desk stands where it stands. */
const isCarried = () => matchMedia('(pointer: coarse)').matches;

type Heard = {
  /** All tiles around the place are drawn. */
  arrived: (at: Position) => void;
  /** No position came: it was not allowed, or the device has none. */
  refused: () => void;
};

export function attachLocate(map: MapLibreMap, heard: Heard): () => void {
  if (!isCarried()) return () => {};
  const control = new GeolocateControl({
    positionOptions: { enableHighAccuracy: true, timeout: patience },
    fitBoundsOptions: { maxZoom: zoom, duration: 400 },
  });
  let isOn = true;
  control.on('geolocate', ({ coords }) => {
    map.once('idle', () => {
      if (isOn) heard.arrived([coords.longitude, coords.latitude]);
    });
  });
  control.on('error', () => heard.refused());
  map.addControl(control, 'bottom-right');
  return () => {
    isOn = false;
    map.removeControl(control);
  };
}
