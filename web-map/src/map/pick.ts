// Pointing at features: hover and click.
import type { Map as MapLibreMap, MapGeoJSONFeature, MapMouseEvent, PointLike } from 'maplibre-gl';
import type { Layer, Position } from '../api/schema';
import { isParcelCode } from '../state/url';

type Target = { layer: Layer; styleIds: string[] };

/** Fingers and projectors are imprecise: a click counts within this many pixels. */
const tolerance = 4;

export function attachPicking(
  map: MapLibreMap,
  targets: Target[],
  onPick: (parcelCode: string | null, at: Position) => void,
): () => void {
  let hovered: { source: string; sourceLayer: string; id: number } | null = null;
  let frame = 0;

  const setHovered = (hit: { layer: Layer; feature: MapGeoJSONFeature } | null) => {
    const id = hit?.feature.id;
    const next =
      hit && typeof id === 'number'
        ? { source: hit.layer.id, sourceLayer: hit.feature.sourceLayer ?? hit.layer.id, id }
        : null;
    if (next?.id === hovered?.id && next?.source === hovered?.source) return;
    if (hovered && map.getSource(hovered.source)) map.removeFeatureState(hovered, 'hover');
    if (next) map.setFeatureState(next, { hover: true });
    hovered = next;
  };
  const move = (event: MapMouseEvent) => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      const hit = pick(map, targets, event.point, 0);
      setHovered(hit);
      map.getCanvas().style.cursor = hit ? 'pointer' : '';
    });
  };
  const out = () => {
    cancelAnimationFrame(frame);
    setHovered(null);
  };
  const answer = (point: [number, number], at: Position) => {
    const hit = pick(map, targets, point, 0) ?? pick(map, targets, point, tolerance);
    onPick(hit ? hit.parcelCode : null, at);
  };
  const click = (event: MapMouseEvent) =>
    answer([event.point.x, event.point.y], [event.lngLat.lng, event.lngLat.lat]);
  const key = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    const canvas = map.getCanvas();
    const centre = map.getCenter();
    answer([canvas.clientWidth / 2, canvas.clientHeight / 2], [centre.lng, centre.lat]);
  };

  map.on('mousemove', move);
  map.on('mouseout', out);
  map.on('click', click);
  map.getCanvas().addEventListener('keydown', key);
  return () => {
    out();
    map.off('mousemove', move);
    map.off('mouseout', out);
    map.off('click', click);
    map.getCanvas().removeEventListener('keydown', key);
  };
}

function pick(map: MapLibreMap, targets: Target[], point: PointLike, reach: number) {
  const [x, y] = Array.isArray(point) ? point : [point.x, point.y];
  const box: [PointLike, PointLike] = [
    [x - reach, y - reach],
    [x + reach, y + reach],
  ];
  const styleIds = targets.flatMap((it) => it.styleIds).filter((it) => map.getLayer(it));
  if (styleIds.length === 0) return null;
  for (const feature of map.queryRenderedFeatures(box, { layers: styleIds })) {
    const layer = targets.find((it) => it.layer.id === feature.source)?.layer;
    const code: unknown = layer?.identify ? feature.properties[layer.identify] : null;
    if (layer && typeof code === 'string' && isParcelCode(code)) return { layer, feature, parcelCode: code };
  }
  return null;
}
