import { Alert } from 'antd';
import { useEffect, useMemo, useRef } from 'react';
import type { LayerTree } from '../api/schema';
import { useText } from '../i18n';
import { hasWebGl2 } from '../map/new-map';
import { useOwnMap } from '../map/use-own-map';
import { boundsOf, clickable, shapeStyle, type Look, type Shapes } from './shape-style';

type Props = {
  tree: LayerTree;
  into: string;
  shapes: Shapes;
  look: Look;
  /** Under the map: what the classes are called, by their value. */
  titles: Record<string, string>;
  chosen: string | null;
  onChoose: (shape: string) => void;
};

/** Shapes over the layer as it is now. What is chosen in the table beside it is shown, and the other way round. */
export function ShapeMap(props: Props) {
  const { t } = useText();
  if (!hasWebGl2) {
    return <Alert type="info" showIcon title={t('map.no_webgl')} description={t('import.no_webgl_help')} />;
  }
  return (
    <figure className="shape-map">
      <Canvas {...props} />
      <figcaption>
        <ul className="shape-legend">
          {[...props.look.classes].reverse().map((it) => (
            <li key={it.value}>
              <svg width="26" height="14" aria-hidden="true">
                <rect
                  x="2"
                  y="2"
                  width="22"
                  height="10"
                  fill={it.colour}
                  fillOpacity="0.22"
                  stroke={it.colour}
                  strokeWidth="2"
                  strokeDasharray={it.dash?.map((length) => length * 2).join(' ')}
                />
              </svg>
              {props.titles[it.value]}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

function Canvas({ tree, into, shapes, look, chosen, onChoose }: Props) {
  const { t } = useText();
  const style = useMemo(
    () => shapeStyle(tree.layers, into, shapes, look, chosen),
    [tree.layers, into, shapes, look, chosen],
  );
  const all = useMemo(() => boundsOf(shapes.features.map((it) => it.geometry)), [shapes]);
  const layer = tree.layers.find((it) => it.id === into);
  const [container, map] = useOwnMap({
    title: t('import.map_title'),
    style,
    bounds: all ?? layer?.data.bounds ?? tree.bounds,
    options: { fitBoundsOptions: { padding: 40, maxZoom: 17 } },
  });
  /** Clicked on the map: it is in view already, and the map must not move under the pointer. */
  const clicked = useRef<string | null>(null);

  useEffect(() => {
    if (map && all) map.fitBounds(all, { padding: 40, maxZoom: 17, duration: 0 });
  }, [map, all]);

  useEffect(() => {
    if (!map || chosen === null || clicked.current === chosen) return;
    const found = shapes.features.filter((it) => it.properties['shape'] === chosen);
    const place = boundsOf(found.map((it) => it.geometry));
    if (place) map.fitBounds(place, { padding: 60, maxZoom: 17, duration: 300 });
  }, [map, chosen, shapes]);

  useEffect(() => {
    if (!map) return;
    const ids = clickable(look);
    const at = (point: { x: number; y: number }) =>
      map.queryRenderedFeatures(
        [
          [point.x - 4, point.y - 4],
          [point.x + 4, point.y + 4],
        ],
        { layers: ids.filter((it) => map.getLayer(it)) },
      );
    const choose = (point: { x: number; y: number }) => {
      const shape: unknown = at(point)[0]?.properties['shape'];
      if (typeof shape !== 'string' || shape === '') return;
      clicked.current = shape;
      onChoose(shape);
    };
    const canvas = map.getCanvas();
    const click = map.on('click', (event) => choose(event.point));
    const move = map.on('mousemove', (event) => {
      canvas.style.cursor = at(event.point).length > 0 ? 'pointer' : '';
    });
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Enter') choose({ x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 });
    };
    canvas.addEventListener('keydown', key);
    return () => {
      click.unsubscribe();
      move.unsubscribe();
      canvas.removeEventListener('keydown', key);
    };
  }, [map, look, onChoose]);

  return (
    <div className="map-area">
      <div ref={container} className="map" data-map-idle="false" />
      <div className="loading-bar over-map" role="presentation" />
      <div className="crosshair" aria-hidden="true" />
    </div>
  );
}
