import type { LngLatBoundsLike, Map as MapLibreMap, MapOptions, StyleSpecification } from 'maplibre-gl';
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { useText } from '../../i18n';
import { useOwnMap } from '../use-own-map';
import { syncCameras } from './sync';
import './side-by-side.css';

export type SideOfTwo = {
  /** What the side shows: the name of its map, and the label in its corner. */
  title: string;
  style: StyleSpecification;
};

export type TwoMaps = { left: MapLibreMap; right: MapLibreMap };

type Props = {
  left: SideOfTwo;
  right: SideOfTwo;
  /** `swipe` lays the right map over the left one, cut at a handle; `split` puts them beside each other. */
  mode: 'swipe' | 'split';
  /** Where they begin; only the first value counts. */
  bounds: LngLatBoundsLike | null;
  /** A camera that is told exactly goes before the bounds. */
  camera?: Pick<MapOptions, 'center' | 'zoom'>;
  /** The address with which tiles are asked for. */
  ask?: (url: string) => string;
  /** The handle's place from 0 to 1; in the component where it is left out. */
  at?: number;
  onAt?: (at: number) => void;
  /** Both maps, once their styles are there, and null when they go. */
  onMaps?: (maps: TwoMaps | null) => void;
  /** What lies over both maps: a legend, buttons. */
  children?: ReactNode;
};

const within = (it: number) => Math.min(0.98, Math.max(0.02, Math.round(it * 1000) / 1000));

/** Two maps with one camera. */
export function SideBySide({ left, right, mode, bounds, camera, ask, at, onAt, onMaps, children }: Props) {
  const { t } = useText();
  const frame = useRef<HTMLDivElement>(null);
  const [own, setOwn] = useState(0.5);
  const options = { fitBoundsOptions: { padding: 24 }, ...camera };
  const start = camera?.center ? null : bounds;
  const [leftBox, leftMap] = useOwnMap({ ...left, bounds: start, options, ...(ask ? { ask } : {}) });
  const [rightBox, rightMap] = useOwnMap({ ...right, bounds: start, options, ...(ask ? { ask } : {}) });
  const told = useRef(onMaps);
  useEffect(() => {
    told.current = onMaps;
  }, [onMaps]);

  useEffect(() => {
    if (!leftMap || !rightMap) return;
    const stop = syncCameras(leftMap, rightMap);
    told.current?.({ left: leftMap, right: rightMap });
    return () => {
      stop();
      told.current?.(null);
    };
  }, [leftMap, rightMap]);

  useEffect(() => {
    leftMap?.resize();
    rightMap?.resize();
  }, [leftMap, rightMap, mode]);

  const place = at ?? own;
  const move = (to: number) => {
    setOwn(within(to));
    onAt?.(within(to));
  };
  const drag = (event: PointerEvent) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    move((event.clientX - box.left) / box.width);
  };
  const key = (event: KeyboardEvent) => {
    const to = { ArrowLeft: place - 0.02, ArrowRight: place + 0.02, Home: 0, End: 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(to);
  };
  const isSwipe = mode === 'swipe';
  const cut = `${place * 100}%`;
  return (
    <div ref={frame} className={`side-by-side ${mode}`}>
      <div className="side left">
        <div ref={leftBox} className="map" data-map-idle="false" />
        <div className="crosshair" aria-hidden="true" />
      </div>
      <div className="side right" style={isSwipe ? { clipPath: `inset(0 0 0 ${cut})` } : undefined}>
        <div ref={rightBox} className="map" data-map-idle="false" />
        <div className="crosshair" aria-hidden="true" />
      </div>
      <p className="side-title left">{left.title}</p>
      <p className="side-title right">{right.title}</p>
      {isSwipe && (
        <div
          role="slider"
          tabIndex={0}
          className="swipe-handle"
          style={{ left: cut }}
          aria-label={t('map.swipe')}
          aria-orientation="horizontal"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(place * 100)}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={drag}
          onKeyDown={key}
        />
      )}
      {children}
    </div>
  );
}
