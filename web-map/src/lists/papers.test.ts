import { describe, expect, it } from 'vitest';
import { listFilePath, planPath, sheetPath, wallPath } from '../api/papers';
import { closed, nothing } from '../planning/drawing';
import { touches } from './area';
import { choiceOf, nothingChosen } from './choice';
import { unfit } from './files';

const limits = { file_bytes: 100, case_bytes: 1000, kinds: ['pdf', 'jpg'] };

it('a file is looked at before it is sent', () => {
  expect(unfit({ name: '验收 报告.PDF', size: 100 }, limits)).toBeNull();
  expect(unfit({ name: '照片.jpeg', size: 1 }, limits)).toBeNull();
  expect(unfit({ name: 'a.exe', size: 1 }, limits)).toBe('kind');
  expect(unfit({ name: 'pdf', size: 1 }, limits)).toBe('kind');
  expect(unfit({ name: 'a.pdf', size: 0 }, limits)).toBe('empty');
  expect(unfit({ name: 'a.pdf', size: 101 }, limits)).toBe('large');
});

describe('a drawn area', () => {
  const triangle = {
    vertices: [
      [121.2, 31.3],
      [121.3, 31.3],
      [121.25, 31.4],
    ] as const,
    isClosed: false,
  };

  it('is no choice until it is closed on a layer', () => {
    expect(choiceOf({ ...nothingChosen, source: 'area', layer: 'land', drawing: nothing })).toBeNull();
    expect(choiceOf({ ...nothingChosen, source: 'area', layer: 'land', drawing: triangle })).toBeNull();
    const drawing = closed(triangle);
    expect(choiceOf({ ...nothingChosen, source: 'area', drawing })).toBeNull();
    expect(choiceOf({ ...nothingChosen, source: 'area', layer: 'land', drawing })).toEqual({
      layer: 'land',
      filter: 'S_INTERSECTS(geom, POLYGON((121.2 31.3, 121.3 31.3, 121.25 31.4, 121.2 31.3)))',
    });
  });

  it('keeps its holes', () => {
    const ring = [[0, 0], [1, 0], [0, 1], [0, 0]]; // prettier-ignore
    expect(touches({ type: 'Polygon', coordinates: [ring, ring] })).toBe(
      'S_INTERSECTS(geom, POLYGON((0 0, 1 0, 0 1, 0 0), (0 0, 1 0, 0 1, 0 0)))',
    );
  });
});

it('papers have addresses', () => {
  expect(listFilePath(3, 'gpkg')).toBe('/api/v1/lists/3/export?format=gpkg');
  expect(listFilePath(3, 'xlsx', 2)).toBe('/api/v1/lists/3/export?format=xlsx&template=2');
  expect(planPath(3, 'A3', 'zh')).toBe('/api/v1/lists/3/list.pdf?paper=A3&lang=zh');
  expect(wallPath(3, 'A0', 'en')).toBe('/api/v1/lists/3/wall.pdf?paper=A0&lang=en');
  expect(sheetPath('JD/1', 'parcel', 'zh')).toBe('/api/v1/cases/JD%2F1/sheet.pdf?kind=parcel&lang=zh');
});
