// Pointing at features: hover and click. What stands for many rows tells their sum, and a click goes nearer to them.
import { Popup } from 'maplibre-gl';
import type { Map as MapLibreMap, MapGeoJSONFeature, MapMouseEvent, PointLike } from 'maplibre-gl';
import type { Layer, Position } from '../api/schema';
import { isParcelCode } from '../state/url';
import { readSum, type Sum } from './sum';

type Target = { layer: Layer; styleIds: string[] };

/** Fingers and projectors are imprecise: a click counts within this many pixels. */
const tolerance = 4;

/** A click on a sum goes so many zooms nearer. */
const nearer = 2;
/** Milliseconds for which a sum that was clicked stays to be read. */
const legible = 4_000;

type Heard = {
  pick: (parcelCode: string | null, at: Position, adds: boolean) => void;
  hover?: (parcelCode: string | null) => void;
  /** The sum in words. */
  tell: (sum: Sum) => string;
};

type Hit = { layer: Layer; feature: MapGeoJSONFeature; parcelCode: string | null; sum: Sum | null };

export function attachPicking(map: MapLibreMap, targets: Target[], heard: Heard): () => void {
  const popup = new Popup({ closeButton: false, closeOnClick: false, className: 'sum' });
  let closing: ReturnType<typeof setTimeout> | undefined;
  let hovered: { source: string; sourceLayer: string; id: number } | null = null;
  let frame = 0;

  const show = (sum: Sum, at: Position) => {
    clearTimeout(closing);
    popup.setLngLat(at).setText(heard.tell(sum)).addTo(map);
  };
  const setHovered = (hit: Hit | null) => {
    const id = hit?.feature.id;
    const next =
      hit && typeof id === 'number' ? { source: hit.layer.id, sourceLayer: hit.layer.id, id } : null;
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
      heard.hover?.(hit?.parcelCode ?? null);
      if (hit?.sum) show(hit.sum, [event.lngLat.lng, event.lngLat.lat]);
      else if (closing === undefined) popup.remove();
      map.getCanvas().style.cursor = hit ? 'pointer' : '';
    });
  };
  const out = () => {
    cancelAnimationFrame(frame);
    clearTimeout(closing);
    closing = undefined;
    popup.remove();
    setHovered(null);
  };
  const answer = (point: [number, number], at: Position, adds: boolean) => {
    const hit = pick(map, targets, point, 0) ?? pick(map, targets, point, tolerance);
    if (!hit?.sum) return heard.pick(hit ? hit.parcelCode : null, at, adds);
    show(hit.sum, at);
    closing = setTimeout(() => {
      closing = undefined;
      popup.remove();
    }, legible);
    map.easeTo({ center: at, zoom: Math.min(map.getZoom() + nearer, map.getMaxZoom()), duration: 400 });
  };
  const click = (event: MapMouseEvent) =>
    answer(
      [event.point.x, event.point.y],
      [event.lngLat.lng, event.lngLat.lat],
      withMore(event.originalEvent),
    );
  const key = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    const canvas = map.getCanvas();
    const centre = map.getCenter();
    answer([canvas.clientWidth / 2, canvas.clientHeight / 2], [centre.lng, centre.lat], withMore(event));
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

/** The parcel at a place that is in view. */
export function parcelAt(map: MapLibreMap, targets: Target[], at: Position): string | null {
  return pick(map, targets, map.project(at), 0)?.parcelCode ?? null;
}

/** Ctrl, Command or Shift add to what is selected. */
const withMore = (event: MouseEvent | KeyboardEvent) => event.ctrlKey || event.metaKey || event.shiftKey;

function pick(map: MapLibreMap, targets: Target[], point: PointLike, reach: number): Hit | null {
  const [x, y] = Array.isArray(point) ? point : [point.x, point.y];
  const box: [PointLike, PointLike] = [
    [x - reach, y - reach],
    [x + reach, y + reach],
  ];
  const styleIds = targets.flatMap((it) => it.styleIds).filter((it) => map.getLayer(it));
  if (styleIds.length === 0) return null;
  for (const feature of map.queryRenderedFeatures(box, { layers: styleIds })) {
    const layer = targets.find((it) => it.layer.id === feature.source)?.layer;
    if (!layer) continue;
    const sum = readSum(layer, feature.properties);
    if (sum) return { layer, feature, parcelCode: null, sum };
    const code: unknown = layer.identify ? feature.properties[layer.identify] : null;
    if (typeof code === 'string' && isParcelCode(code))
      return { layer, feature, parcelCode: code, sum: null };
  }
  return null;
}
