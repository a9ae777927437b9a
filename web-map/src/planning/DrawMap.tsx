import { Alert } from 'antd';
import type { GeoJSONSource } from 'maplibre-gl';
import { useEffect, useMemo, useRef } from 'react';
import type { LayerTree } from '../api/schema';
import { useText } from '../i18n';
import { boundsOf, shapeStyle, type Look } from '../import/shape-style';
import { hasWebGl2 } from '../map/new-map';
import { useOwnMap } from '../map/use-own-map';
import {
  added,
  closed,
  nothing,
  shapeOf,
  shapesOf,
  undone,
  type Drawing,
  type Fault,
  type Vertex,
} from './drawing';
import { registerOf } from './register';

type Props = {
  tree: LayerTree;
  drawing: Drawing;
  fault: Fault | null;
  onDraw: (change: (drawing: Drawing) => Drawing) => void;
};

const look: Look = {
  member: 'kind',
  classes: [
    { value: 'drawn', colour: '#0b5c8f', dash: null },
    { value: 'fault', colour: '#b42a20', dash: [1.4, 1] },
  ],
};

/** The next edge, from the last vertex to the pointer: not in the style, or each movement would compare styles. */
const rubber = '~rubber';
/** A click so near to the first vertex closes, in pixels. */
const near = 10;
/** A closed shape of so few pixels is gone nearer to. */
const small = 60;

/** Vertices by clicking; Enter, a double click or the first vertex closes, Backspace takes back, Esc begins anew. */
export function DrawMap(props: Props) {
  const { t } = useText();
  if (!hasWebGl2) {
    return <Alert type="info" showIcon title={t('map.no_webgl')} description={t('planning.draw_no_map')} />;
  }
  return <Canvas {...props} />;
}

function Canvas({ tree, drawing, fault, onDraw }: Props) {
  const { t } = useText();
  const style = useMemo(() => {
    const drawn = shapeStyle(tree.layers, registerOf(tree), shapesOf(drawing, fault), look, null);
    return {
      ...drawn,
      sources: { ...drawn.sources, [rubber]: { type: 'geojson' as const, data: edge(null, null) } },
      layers: [
        ...drawn.layers,
        {
          id: rubber,
          type: 'line' as const,
          source: rubber,
          paint: { 'line-color': '#0b5c8f', 'line-width': 1.6, 'line-dasharray': [2, 2] },
        },
      ],
    };
  }, [tree, drawing, fault]);
  const [container, map] = useOwnMap({
    title: t('planning.draw_map'),
    style,
    bounds: tree.bounds,
    options: { doubleClickZoom: false, fitBoundsOptions: { padding: 30 } },
  });
  const now = useRef({ drawing, onDraw });
  useEffect(() => {
    now.current = { drawing, onDraw };
  }, [drawing, onDraw]);

  // A shape that was typed may lie elsewhere, or be a dot in this view.
  useEffect(() => {
    const bounds = boundsOf([shapeOf(drawing)]);
    if (!map || !bounds) return;
    const [west, south, east, north] = bounds;
    const [a, b] = [map.project([west, north]), map.project([east, south])];
    const { clientWidth, clientHeight } = map.getCanvas();
    const isInView = a.x >= 0 && a.y >= 0 && b.x <= clientWidth && b.y <= clientHeight;
    if (isInView && Math.max(b.x - a.x, b.y - a.y) > small) return;
    map.fitBounds(bounds, { padding: 110, maxZoom: 17, duration: 0 });
  }, [map, drawing]);

  useEffect(() => {
    if (!map) return;
    const canvas = map.getCanvas();
    const draw = (change: (drawing: Drawing) => Drawing) => now.current.onDraw(change);
    const source = () => map.getSource<GeoJSONSource>(rubber);
    canvas.style.cursor = 'crosshair';
    const click = map.on('click', (event) => {
      const { vertices, isClosed } = now.current.drawing;
      const first = vertices[0];
      const at = first && map.project([first[0], first[1]]);
      const isFirst = at !== undefined && Math.hypot(at.x - event.point.x, at.y - event.point.y) <= near;
      void source()?.setData(edge(null, null));
      // The second click of a double one.
      if (event.originalEvent.detail > 1 || (isFirst && !isClosed && vertices.length > 2))
        return draw(closed);
      draw((it) => added(it, [event.lngLat.lng, event.lngLat.lat]));
    });
    const move = map.on('mousemove', (event) => {
      const { vertices, isClosed } = now.current.drawing;
      const last = isClosed ? undefined : vertices.at(-1);
      void source()?.setData(edge(last ?? null, [event.lngLat.lng, event.lngLat.lat]));
    });
    const key = (event: KeyboardEvent) => {
      const centre = map.getCenter();
      const act: Record<string, ((drawing: Drawing) => Drawing) | undefined> = {
        ' ': (it) => added(it, [centre.lng, centre.lat]),
        Enter: closed,
        Backspace: undone,
        Escape: () => nothing,
      };
      const change = act[event.key];
      if (!change) return;
      event.preventDefault();
      draw(change);
    };
    canvas.addEventListener('keydown', key);
    return () => {
      click.unsubscribe();
      move.unsubscribe();
      canvas.removeEventListener('keydown', key);
    };
  }, [map]);

  return (
    <div className="map-area draw-map">
      <div ref={container} className="map" data-map-idle="false" />
      <div className="loading-bar over-map" role="presentation" />
      <div className="crosshair" aria-hidden="true" />
    </div>
  );
}

function edge(from: Vertex | null, to: Vertex | null) {
  const features =
    from && to
      ? [
          {
            type: 'Feature' as const,
            properties: {},
            geometry: { type: 'LineString' as const, coordinates: [[...from], [...to]] },
          },
        ]
      : [];
  return { type: 'FeatureCollection' as const, features };
}
