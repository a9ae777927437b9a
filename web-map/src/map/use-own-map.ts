// A map of a page's own beside its table: made once, and drawn anew when its style changes.
import type { LngLatBoundsLike, Map as MapLibreMap, MapOptions, StyleSpecification } from 'maplibre-gl';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { useText } from '../i18n';
import { newMap } from './new-map';
import { addPatterns } from './patterns';

type Own = {
  title: string;
  style: StyleSpecification;
  /** Where it begins; of what is given later only the style is followed. */
  bounds: LngLatBoundsLike | null;
  options?: Pick<MapOptions, 'doubleClickZoom' | 'fitBoundsOptions' | 'center' | 'zoom'>;
  /** The address with which something is asked for. */
  ask?: (url: string) => string;
};

/** What the map is put into, and the map once its style is there. */
export function useOwnMap(own: Own): [RefObject<HTMLDivElement | null>, MapLibreMap | null] {
  const { t } = useText();
  const container = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<MapLibreMap | null>(null);
  const start = useRef({ ...own, t });
  const { style } = own;

  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const { title, style, bounds, options, ask, t } = start.current;
    const made = newMap(element, t, title, { style, ...(bounds ? { bounds } : {}), ...options }, ask);
    made.once('style.load', () => {
      addPatterns(made);
      setMap(made);
    });
    return () => made.remove();
  }, []);

  useEffect(() => {
    map?.setStyle(style, { diff: true });
  }, [map, style]);

  return [container, map];
}
