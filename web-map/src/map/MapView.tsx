import { App } from 'antd';
import type { Polygon } from 'geojson';
import type { MapOptions, Map as MapLibreMap } from 'maplibre-gl';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Dossier, LayerTree, Position } from '../api/schema';
import { useText } from '../i18n';
import { shownTiles } from '../live/refresh';
import { useLive } from '../live/useLive';
import { useView } from '../state/view';
import { buildStyle, classState, identifiable } from './draw';
import { newMap, removeMap } from './new-map';
import { useClassed, useClassStates } from '../layers/use-classes';
import { addPatterns } from './patterns';
import { attachLocate } from './locate';
import { attachPicking, parcelAt } from './pick';
import { chosenState } from './rings';
import { lengthOf } from './select/measure';
import { useChosenStates, useSubject } from './select/rows';
import { boxOf, circleOf, lassoOf, ringOf, touching } from './select/shapes';
import { SketchOverlay } from './select/SketchOverlay';
import { combined, isMeasure, useSelect, type Tool } from './select/store';
import { useChoose } from './select/use-choose';
import { useSketch } from './select/use-sketch';
import { useStates } from './states';
import { tellSum } from './sum';
import { coveredBelow, flyTo, useMapStore } from './store';

/** A link that says where to look is obeyed; one that only names a parcel goes to the parcel. */
const cameraGiven = /[#&]map=/.test(location.hash);

type Props = {
  tree: LayerTree;
  dossier: Dossier | null;
  who: string;
  /** What the tiles of layers are narrowed to. */
  filters: ReadonlyMap<string, string>;
};

/** Owns the one map. Mounted anew when the language changes; the address bar keeps the camera. */
export function MapView({ tree, dossier, who, filters }: Props) {
  const { t, language } = useText();
  const { message } = App.useApp();
  const container = useRef<HTMLDivElement>(null);
  const { map, pin } = useMapStore();
  const { layers, hidden, sel, select, theme, chosen } = useView();
  const classed = useClassed(tree);
  // Other bounds are other states, not another style.
  const painted = classed ? `${theme?.ramp}/${theme?.classes}` : null;
  const view = useMemo(
    () => ({ layers, hidden, sel: null, ...(painted !== null ? { theme: classed?.theme ?? null } : {}) }),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [layers, hidden, painted, classed?.layer.id],
  );
  const classes = useClassStates(classed);
  const ring = sel === dossier?.parcel_code ? (dossier?.geometry ?? null) : null;
  const subject = useSubject(tree);
  const tool = useSelect((it) => it.tool);
  const chosenStates = useChosenStates(subject);
  const [hasPointer, setHasPointer] = useState(false);
  // Rows of the table point at features, too.
  const isPointedAt = useSelect((it) => it.isTableOpen) || hasPointer;
  const hasChosen = chosen.length > 0;
  const choosable = subject?.id ?? null;
  const style = useMemo(
    () => buildStyle(tree.layers, view, { ring, pin, choosable, hasChosen, isPointedAt }),
    [tree.layers, view, ring, pin, choosable, hasChosen, isPointedAt],
  );
  const targets = useMemo(() => identifiable(tree.layers, view), [tree.layers, view]);
  const start = useRef({ style, bounds: tree.bounds, t });

  // Before the map is made: its first tiles are asked for by the revisions of the tree.
  useLive(map, tree, who, filters);

  useEffect(() => {
    const element = container.current;
    if (!element) return;
    return createMap(element, start.current);
  }, []);

  useEffect(() => {
    map?.setStyle(style, { diff: true });
  }, [map, style]);

  useEffect(() => void map?.once('mousemove', () => setHasPointer(true)), [map]);

  useStates(map, classed?.layer.id ?? null, classState, classes);
  useStates(map, subject?.id ?? null, chosenState, chosenStates);

  const { takeWhere } = useChoose(subject);
  useSketch(map, (drawnWith, points) => {
    const area = areaDrawn(drawnWith, points);
    if (area) void takeWhere(touching(area));
    else if (!isMeasure(drawnWith)) message.warning(t('select.crosses'));
  });

  useEffect(() => {
    if (!map || tool) return;
    return attachPicking(map, targets, {
      hover: (code) => useSelect.setState((now) => (now.hovered === code ? now : { hovered: code })),
      tell: (sum) => tellSum(sum, t, language),
      pick: (parcelCode, at, adds) => {
        useMapStore.setState({ clicked: at });
        if (parcelCode === null) return;
        if (adds) {
          const { chosen, setChosen } = useView.getState();
          setChosen(combined(chosen, [parcelCode], chosen.includes(parcelCode) ? 'less' : 'add'));
          return;
        }
        keepInView(map, at);
        select(parcelCode);
      },
    });
  }, [map, targets, select, t, language, tool]);

  const pickable = useRef(targets);
  useEffect(() => {
    pickable.current = targets;
  }, [targets]);
  useEffect(() => {
    if (!map) return;
    return attachLocate(map, {
      arrived: (at) => {
        const code = parcelAt(map, pickable.current, at);
        if (code === null) return void message.info(t('map.no_parcel_here'));
        keepInView(map, at);
        select(code);
      },
      refused: () => void message.warning(t('map.no_location')),
    });
  }, [map, message, select, t]);

  const arrival = useRef(cameraGiven ? null : sel);
  useEffect(() => {
    if (!map || !dossier || dossier.parcel_code !== arrival.current) return;
    arrival.current = null;
    flyTo(dossier);
  }, [map, dossier]);

  return (
    <>
      <div ref={container} className="map" data-map-idle="false" />
      {map && <SketchOverlay map={map} />}
    </>
  );
}

function areaDrawn(tool: Tool, points: readonly Position[]): Polygon | null {
  const [first, second] = points;
  if (!first || !second) return null;
  if (tool === 'box') return boxOf(first, points.at(-1) ?? second);
  if (tool === 'circle') return circleOf(first, lengthOf([first, points.at(-1) ?? second]));
  if (tool === 'lasso') return lassoOf(points);
  return tool === 'polygon' ? ringOf(points) : null;
}

/** The dossier's panel takes room from the map: what was clicked must not end up beside it. */
function keepInView(map: MapLibreMap, at: Position): void {
  const covered = coveredBelow(map);
  if (covered > 0) {
    map.easeTo({ center: at, offset: [0, -covered / 2], duration: 300 });
    return;
  }
  if (useView.getState().sel !== null) return;
  map.once('resize', () => {
    if (!map.getBounds().contains(at)) map.easeTo({ center: at, duration: 300 });
  });
}

type Start = {
  style: ReturnType<typeof buildStyle>;
  bounds: LayerTree['bounds'];
  t: ReturnType<typeof useText>['t'];
};

function createMap(container: HTMLElement, { style, bounds, t }: Start): () => void {
  const camera: Partial<MapOptions> = bounds
    ? { bounds, fitBoundsOptions: { padding: 24 } }
    : { center: [121.25, 31.36], zoom: 10 };
  const ask = (url: string) => shownTiles.ask(url);
  const map = newMap(container, t, t('map.title'), { style, hash: 'map', ...camera }, ask);
  map.once('style.load', () => {
    addPatterns(map);
    useMapStore.setState({ map });
  });
  map.on('error', (event) => {
    const source: unknown = 'sourceId' in event ? event.sourceId : null;
    if (typeof source !== 'string') return;
    useMapStore.setState(({ failed }) => (failed[source] ? {} : { failed: { ...failed, [source]: true } }));
  });
  return () => {
    useMapStore.setState({ map: null, failed: {} });
    removeMap(map);
  };
}
