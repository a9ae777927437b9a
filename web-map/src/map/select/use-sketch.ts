// Drawing on the map: a box, a lasso and a circle are dragged; a polygon and a measure are clicked corner by corner, with
// the pointer, a finger or with Enter at the cross-hair. Only the finished points leave; nothing of it is in the map's style.
import type { Map as MapLibreMap, MapMouseEvent, MapTouchEvent } from 'maplibre-gl';
import { useEffect, useRef } from 'react';
import type { Position } from '../../api/schema';
import { takeTool, useSelect, type Tool } from './store';

const dragged: readonly Tool[] = ['box', 'lasso', 'circle'];
/** Pixels between the points of a lasso. */
const apart = 4;
/** A corner this near to the one before is a double click, or Enter twice. */
const same = 3;
/** A finger does not come down twice at one pixel. */
const sameByFinger = 16;

const at = (event: MapMouseEvent | MapTouchEvent): Position => [event.lngLat.lng, event.lngLat.lat];

/** `onDone` hears of each finished drawing; returns nothing, the points are in the store while it goes on. */
export function useSketch(map: MapLibreMap | null, onDone: (tool: Tool, points: Position[]) => void): void {
  const tool = useSelect((it) => it.tool);
  const done = useRef(onDone);
  useEffect(() => {
    done.current = onDone;
  }, [onDone]);

  useEffect(() => {
    if (!map || !tool) return;
    const canvas = map.getCanvas();
    const cursor = canvas.style.cursor;
    canvas.style.cursor = 'crosshair';
    map.doubleClickZoom.disable();
    const finish = (points: Position[]) => {
      useSelect.setState({ points, isDone: true });
      done.current(tool, points);
    };
    const stop = dragged.includes(tool) ? listenToDrags(map, tool, finish) : listenToClicks(map, finish);
    return () => {
      stop();
      map.doubleClickZoom.enable();
      canvas.style.cursor = cursor;
    };
  }, [map, tool]);
}

function listenToDrags(map: MapLibreMap, tool: Tool, finish: (points: Position[]) => void): () => void {
  let points: Position[] | null = null;
  let last = { x: 0, y: 0 };
  map.dragPan.disable();
  map.boxZoom.disable();
  // Without the map's own dragging the browser would take a finger's way for scrolling, and end it.
  const canvas = map.getCanvas();
  const { touchAction } = canvas.style;
  canvas.style.touchAction = 'none';
  const begin = (event: MapMouseEvent | MapTouchEvent) => {
    points = [at(event)];
    last = event.point;
    useSelect.setState({ points, isDone: false });
  };
  const down = (event: MapMouseEvent) => {
    if (event.originalEvent.button === 0) begin(event);
  };
  const drop = () => {
    points = null;
    useSelect.setState({ points: [] });
  };
  /** One finger draws, two move the map. */
  const touch = (event: MapTouchEvent) => {
    if (event.points.length === 1) begin(event);
    else if (points) drop();
  };
  const move = (event: MapMouseEvent | MapTouchEvent) => {
    const first = points?.[0];
    if (!points || !first) return;
    if (tool === 'lasso') {
      if (Math.hypot(event.point.x - last.x, event.point.y - last.y) < apart) return;
      last = event.point;
      points = [...points, at(event)];
    } else points = [first, at(event)];
    useSelect.setState({ points });
  };
  const up = () => {
    const drawn = points;
    points = null;
    if (!drawn) return;
    if (drawn.length < 2) useSelect.setState({ points: [] });
    else finish(drawn);
  };
  const keys = listenToKeys(map, (centre) => {
    // Enter sets the first corner, and once more the second one.
    if (!points) {
      points = [centre];
      useSelect.setState({ points, isDone: false });
    } else {
      points = [...points, centre];
      if (tool !== 'lasso' || isSame(map, points.at(-2), centre)) up();
      else useSelect.setState({ points });
    }
  });
  map.on('mousedown', down);
  map.on('mousemove', move);
  map.on('mouseup', up);
  map.on('touchstart', touch);
  map.on('touchmove', move);
  map.on('touchend', up);
  map.on('touchcancel', drop);
  return () => {
    map.off('mousedown', down);
    map.off('mousemove', move);
    map.off('mouseup', up);
    map.off('touchstart', touch);
    map.off('touchmove', move);
    map.off('touchend', up);
    map.off('touchcancel', drop);
    canvas.style.touchAction = touchAction;
    keys();
    map.dragPan.enable();
    map.boxZoom.enable();
  };
}

function listenToClicks(map: MapLibreMap, finish: (points: Position[]) => void): () => void {
  const add = (point: Position, within = same) => {
    const { points, isDone } = useSelect.getState();
    const before = isDone ? [] : points;
    if (before.length > 1 && isSame(map, before.at(-1), point, within)) finish([...before]);
    else useSelect.setState({ points: [...before, point], isDone: false });
  };
  const click = (event: MapMouseEvent) => {
    const isFinger = (event.originalEvent as PointerEvent).pointerType === 'touch';
    add(at(event), isFinger ? sameByFinger : same);
  };
  const keys = listenToKeys(map, (centre) => add(centre));
  map.on('click', click);
  return () => {
    map.off('click', click);
    keys();
  };
}

/** Enter is the cross-hair's click, Backspace takes the last point back, Escape puts the tool down. */
function listenToKeys(map: MapLibreMap, enter: (centre: Position) => void): () => void {
  const canvas = map.getCanvas();
  const key = (event: KeyboardEvent) => {
    const { points, isDone } = useSelect.getState();
    if (event.key === 'Enter') {
      const { lng, lat } = map.getCenter();
      enter([lng, lat]);
    } else if (event.key === 'Backspace' && !isDone) useSelect.setState({ points: points.slice(0, -1) });
    else if (event.key === 'Escape') takeTool(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  canvas.addEventListener('keydown', key);
  return () => canvas.removeEventListener('keydown', key);
}

function isSame(map: MapLibreMap, one: Position | undefined, other: Position, within = same): boolean {
  if (!one) return false;
  const [a, b] = [map.project(one), map.project(other)];
  return Math.hypot(a.x - b.x, a.y - b.y) <= within;
}
