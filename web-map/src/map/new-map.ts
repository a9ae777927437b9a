// What every map of the page has in common: worker, fonts, controls and the session's way to fetch tiles.
import { Map as MapLibreMap, NavigationControl, prewarm, setWorkerUrl, type MapOptions } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { TFunction } from 'i18next';
import { noteStatus } from '../api/client';
import { useKnown } from '../session/known';

setWorkerUrl(workerUrl);

const localFonts = '"Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif';

/** Without it no map is drawn, and everything else works. */
export const hasWebGl2 = document.createElement('canvas').getContext('webgl2') !== null;

// The worker is on its way while the page is built.
if (hasWebGl2) prewarm();

/** `data-map-idle` of the container says whether all tiles in view are drawn. */
export function newMap(
  container: HTMLElement,
  t: TFunction,
  title: string,
  options: Omit<MapOptions, 'container'>,
  /** The address with which something is asked for. */
  ask: (url: string) => string = (url) => url,
): MapLibreMap {
  const map = new MapLibreMap({
    container,
    maxZoom: 20,
    fadeDuration: 0,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    attributionControl: false,
    // The cookie is the same whoever's eyes are borrowed, so the browser's cache would mix what they see.
    transformRequest: (url) => ({
      url: ask(url),
      ...(useKnown.getState().session?.view_as ? { cache: 'no-store' as const } : {}),
    }),
    localIdeographFontFamily: localFonts,
    locale: {
      'Map.Title': title,
      'NavigationControl.ZoomIn': t('map.zoom_in'),
      'NavigationControl.ZoomOut': t('map.zoom_out'),
      'NavigationControl.ResetBearing': t('map.reset'),
      'GeolocateControl.FindMyLocation': t('map.locate'),
      'GeolocateControl.LocationNotAvailable': t('map.no_location'),
    },
    ...options,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'bottom-right');

  const busy = () => (container.dataset['mapIdle'] = 'false');
  map.on('dataloading', busy);
  map.on('movestart', busy);
  map.on('idle', () => {
    if (map.areTilesLoaded()) container.dataset['mapIdle'] = 'true';
  });
  // A tile that is given up, or fails, changes no picture: without one more frame the map would never be told to be at rest.
  map.on('dataabort', () => map.triggerRepaint());
  map.on('error', () => map.triggerRepaint());
  map.on('error', (event) => noteStatus('status' in event.error ? event.error.status : null));
  return map;
}

/** The map takes its camera out of the address when it goes; the next one starts from there. */
export function removeMap(map: MapLibreMap): void {
  const { hash } = location;
  map.remove();
  if (location.hash !== hash) {
    history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`);
  }
}
