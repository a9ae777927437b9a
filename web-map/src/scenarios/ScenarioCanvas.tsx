import type { Map as MapLibreMap } from 'maplibre-gl';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useDossier } from '../api/hooks';
import { useFlips, type Asked } from '../api/scenarios';
import type { Bbox, Layer, LayerTree } from '../api/schema';
import { useText } from '../i18n';
import { newMap } from '../map/new-map';
import { addPatterns } from '../map/patterns';
import { scenarioStyle, turnedOf, type Mode, type Turned } from './flips';
import { boxOf, useTurned } from './states';

export type Picked = { code: string; turned: Turned | null };

type Props = {
  tree: LayerTree;
  layer: Layer;
  asked: Asked;
  runId: number;
  mode: Mode;
  code: string | null;
  onPick: (picked: Picked | null) => void;
};

/** The map itself: the verdicts of the run, and states for those that turn. */
export function ScenarioCanvas({ tree, layer, asked, runId, mode, code, onPick }: Props) {
  const { t } = useText();
  const container = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<MapLibreMap | null>(null);
  const [bbox, setBbox] = useState<Bbox | null>(null);
  const dossier = useDossier(code).data;
  const ring = dossier?.geometry ?? null;
  const flips = useFlips(asked, runId, bbox).data;
  const found = useMemo(() => turnedOf(flips ?? []), [flips]);
  const style = useMemo(() => scenarioStyle(tree.layers, layer, mode, ring), [tree, layer, mode, ring]);
  const start = useRef({ style, t, bounds: layer.data.bounds ?? tree.bounds });
  const turned = useRef(found.turned);

  useEffect(() => {
    const element = container.current;
    if (!element) return;
    const { style, t, bounds } = start.current;
    const made = newMap(element, t, t('scenarios.map_title'), {
      style,
      ...(bounds ? { bounds, fitBoundsOptions: { padding: 20 } } : {}),
    });
    const look = () => setBbox(boxOf(made));
    made.once('style.load', () => {
      addPatterns(made);
      setMap(made);
      look();
    });
    made.on('moveend', look);
    return () => made.remove();
  }, []);

  useEffect(() => {
    map?.setStyle(style, { diff: true });
  }, [map, style]);

  useEffect(() => {
    if (map && dossier) map.fitBounds(dossier.bbox, { padding: 120, maxZoom: 15.5, duration: 0 });
  }, [map, dossier]);

  useTurned(map, layer.id, found.turned);
  useEffect(() => {
    turned.current = found.turned;
  }, [found]);

  useEffect(() => {
    if (!map) return;
    const key = layer.identify ?? '';
    const fills = () =>
      map
        .getStyle()
        .layers.filter((it) => it.type === 'fill' && 'source' in it && it.source === layer.id)
        .map((it) => it.id);
    const click = map.on('click', (event) => {
      const hit = map.queryRenderedFeatures(event.point, { layers: fills() })[0];
      const code: unknown = hit?.properties[key];
      const it = typeof hit?.id === 'number' ? turned.current.get(hit.id) : undefined;
      onPick(typeof code === 'string' ? { code, turned: it ?? null } : null);
    });
    return () => click.unsubscribe();
  }, [map, layer, onPick]);

  return (
    <>
      <div className="map-area">
        <div
          ref={container}
          className="map"
          data-map-idle="false"
          data-turned={flips === undefined ? undefined : found.turned.size}
        />
        <div className="loading-bar over-map" role="presentation" />
        <div className="crosshair" aria-hidden="true" />
      </div>
      {found.isCut && <p className="quiet small">{t('scenarios.map_cut', { count: found.turned.size })}</p>}
    </>
  );
}
