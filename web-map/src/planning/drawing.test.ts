import { describe, expect, it } from 'vitest';
import {
  added,
  closed,
  faultOf,
  nothing,
  readVertices,
  shapeOf,
  shapesOf,
  undone,
  writeVertices,
} from './drawing';
import type { Drawing, Vertex } from './drawing';

const square: Vertex[] = [
  [121.2, 31.3],
  [121.21, 31.3],
  [121.21, 31.31],
  [121.2, 31.31],
];
const drawn = (vertices: readonly Vertex[]): Drawing => vertices.reduce(added, nothing);

describe('drawing', () => {
  it('closes from three vertices on, and sends a ring that comes back', () => {
    expect(shapeOf(closed(drawn(square.slice(0, 2))))).toBeNull();
    expect(shapeOf(drawn(square))).toBeNull();
    const ring = shapeOf(closed(drawn(square)))?.coordinates[0];
    expect(ring).toHaveLength(5);
    expect(ring?.[4]).toEqual(ring?.[0]);
  });

  it('takes back: first the closing, then vertex by vertex', () => {
    const shape = closed(drawn(square));
    expect(undone(shape)).toEqual(drawn(square));
    expect(undone(undone(shape)).vertices).toHaveLength(3);
    expect(undone(nothing)).toEqual(nothing);
  });

  it('begins anew after a closed shape, and a second click on the same place adds nothing', () => {
    expect(added(closed(drawn(square)), [121.3, 31.4])).toEqual(drawn([[121.3, 31.4]]));
    expect(added(drawn(square), [121.2, 31.31]).vertices).toHaveLength(4);
  });
});

describe('typed coordinates', () => {
  it('are read as they are written', () => {
    expect(readVertices(writeVertices(square))).toEqual({ vertices: square, wrong: null });
    const pasted = '121.2\t31.3\n\n121.21，31.3\n121.21;31.31\n121.2 31.3';
    expect(readVertices(pasted).vertices).toHaveLength(3);
  });

  it('name the first line that is no vertex', () => {
    expect(readVertices('121.2, 31.3\n121.2\n').wrong).toBe(2);
    expect(readVertices('31.3, 121.2').wrong).toBe(1);
    expect(readVertices('121.2, 31.3, 4').wrong).toBe(1);
    expect(readVertices('1e2, 31').wrong).toBe(1);
    expect(readVertices('').vertices).toEqual([]);
  });
});

describe('a refused shape', () => {
  const members = {
    at: '成员 / member `shape.coordinates[0][1]`',
    edges: [1, 3],
    point: [121.205, 31.305],
  };

  it('is shown at the edges that meet and where they do', () => {
    const shape = closed(drawn(square));
    const shown = shapesOf(shape, faultOf(members)).features;
    const faults = shown.filter((it) => it.properties['kind'] === 'fault').map((it) => it.geometry);
    expect(faults).toEqual([
      { type: 'LineString', coordinates: [square[1], square[2]] },
      { type: 'LineString', coordinates: [square[3], square[0]] },
      { type: 'Point', coordinates: [121.205, 31.305] },
    ]);
  });

  it('is shown at its vertex where no more is told, and nowhere else', () => {
    expect(faultOf({ at: '`shape.coordinates[0][2]`' })).toEqual({ vertex: 2, edges: [], point: null });
    expect(faultOf({ at: 'parameter `far`', point: ['x'] })).toEqual({
      vertex: null,
      edges: [],
      point: null,
    });
    const shown = shapesOf(closed(drawn(square)), faultOf({ at: '`shape.coordinates[0][2]`' })).features;
    expect(shown.at(-1)?.geometry).toEqual({ type: 'Point', coordinates: square[2] });
  });
});
