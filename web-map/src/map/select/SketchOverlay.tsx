import type { Map as MapLibreMap } from 'maplibre-gl';
import { useEffect, useReducer } from 'react';
import type { Position } from '../../api/schema';
import { decimal, muOf } from '../../format';
import { useText } from '../../i18n';
import { areaOf, lengthOf } from './measure';
import { boxOf, circleOf } from './shapes';
import { isMeasure, useSelect, type Tool } from './store';

/** The drawing over the map, and what it measures. */
export function SketchOverlay({ map }: { map: MapLibreMap }) {
  const { t } = useText();
  const { tool, points, isDone } = useSelect();
  const [, redraw] = useReducer((it: number) => it + 1, 0);
  useEffect(() => {
    map.on('move', redraw);
    return () => void map.off('move', redraw);
  }, [map]);
  if (!tool) return null;
  // A finished selection is drawn by what it selected.
  const shown = isDone && !isMeasure(tool) ? [] : points;
  const onScreen = outlineOf(tool, shown).map((it) => map.project(it));
  const path = onScreen.map(({ x, y }) => `${x},${y}`).join(' ');
  const isArea = tool !== 'distance';
  return (
    <>
      <svg className="sketch" aria-hidden="true">
        {isArea ? <polygon points={path} /> : <polyline points={path} />}
        {(tool === 'polygon' || isMeasure(tool)) &&
          onScreen.map(({ x, y }, nth) => <circle key={nth} cx={x} cy={y} r={4} />)}
      </svg>
      <p className="sketch-hint" role="status">
        {told(tool, shown, t) || t(`select.hint.${tool}`)}
      </p>
    </>
  );
}

function outlineOf(tool: Tool, points: readonly Position[]): Position[] {
  const [first, second] = points;
  if (!first || !second) return [...points];
  const shape =
    tool === 'box'
      ? boxOf(first, second)
      : tool === 'circle'
        ? circleOf(first, lengthOf([first, second]))
        : null;
  return shape ? ((shape.coordinates[0] ?? []) as Position[]) : [...points];
}

function told(tool: Tool, points: readonly Position[], t: ReturnType<typeof useText>['t']): string {
  if (points.length < 2) return '';
  if (tool === 'circle') return t('select.radius', { metres: decimal(lengthOf(points), 0) });
  if (tool === 'distance') {
    const metres = lengthOf(points);
    return metres < 10_000
      ? t('select.metres', { metres: decimal(metres, 1) })
      : t('select.kilometres', { kilometres: decimal(metres / 1000, 2) });
  }
  if (tool !== 'area' || points.length < 3) return '';
  const m2 = areaOf(points);
  const [first] = points;
  const round = lengthOf(first ? [...points, first] : points);
  return t('select.measured', {
    mu: decimal(muOf(m2.toFixed(2)), 2),
    m2: decimal(m2, 0),
    ha: decimal(m2 / 10_000, 3),
    round: decimal(round, 1),
  });
}
