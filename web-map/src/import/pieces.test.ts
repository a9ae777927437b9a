import { expect, it } from 'vitest';
import { Problem } from '../api/client';
import { cameraOf } from './camera';
import { readDependents } from './dependents';
import { areaText, changesShape, linesOf } from './diff';
import { look, together } from './files';
import { inLanguage } from './say';
import { boundsOf, boxes, changeLook, named, shapeStyle, type Shapes } from './shape-style';
import { sampleLayers, theme } from '../layers/sample';
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';

const pieces = (...names: string[]) => names.map((name) => ({ name, size: 10 }));

it('takes one file, or the pieces of one shapefile', () => {
  expect(look([])).toEqual({ stop: null, note: null });
  expect(look(pieces('a.geojson'))).toEqual({ stop: null, note: null });
  expect(look(pieces('a.shp', 'a.shx', 'A.DBF', 'a.prj', 'a.shp.xml'))).toEqual({ stop: null, note: null });
  expect(look(pieces('a.shp', 'a.dbf')).note).toBe('no_prj');
  expect(look(pieces('a.shp')).note).toBe('no_dbf');
  expect(look(pieces('a.prj', 'a.dbf')).note).toBeNull();
  expect(look(pieces('a.prj')).note).toBe('no_shp');
  expect(look(pieces('a.geojson', 'b.geojson')).stop).toBe('several');
  expect(look(pieces('a.shp', 'b.dbf')).stop).toBe('several');
  expect(look(pieces('a.shp', 'a.xlsx')).stop).toBe('several');
  expect(look(pieces('a.gdb')).stop).toBe('folder');
  expect(look([{ name: 'a.csv', size: 0 }]).stop).toBe('zero_bytes');
  expect(look(pieces('a.dwg')).note).toBe('unknown');
});

it('replaces a file that is dropped again', () => {
  const again = { name: 'A.dbf', size: 20 };
  expect(together(pieces('a.shp', 'a.dbf'), [again])).toEqual([...pieces('a.shp'), again]);
});

it('says a change field by field, and its area where there is one', () => {
  const words = { yes: '是', no: '否' };
  const fields = [
    { field: 'name', before: null, after: '甲' },
    { field: 'scale', before: true, after: false },
    { field: 'zero', before: 0, after: '' },
    { field: 'extra', before: null, after: { 备注: '甲', n: 1 } },
    { field: 'geom', before: { points: 4 }, after: { points: 5 } },
  ];
  expect(linesOf(fields, (it) => it, words).map((it) => [it.before, it.after])).toEqual([
    [null, '甲'],
    ['是', '否'],
    ['0', null],
    [null, '备注：甲；n：1'],
  ]);
  expect([changesShape(fields), changesShape(fields.slice(0, 2))]).toEqual([true, false]);
  expect(areaText({ changed_m2: null }, 'zh')).toBeNull();
  expect(areaText({ changed_m2: '12.34' }, 'zh')).toBe('12.3 m²');
  expect(areaText({ changed_m2: '2000' }, 'zh')).toBe('2,000.0 m² (3.00 亩)');
});

it('looks at the whole of an extent', () => {
  expect(cameraOf([-180, -85, 180, 85])).toMatch(/^#map=2\.00\/0\.00000\/0\.00000$/);
  const [zoom, lat, lon] = cameraOf([121.2, 31.3, 121.3, 31.4]).slice(5).split('/').map(Number);
  expect(zoom).toBeGreaterThan(11);
  expect(zoom).toBeLessThan(13);
  expect([lat, lon]).toEqual([31.35, 121.25]);
  expect(cameraOf([121.2, 31.3, 121.2, 31.3])).toContain('#map=17.00/');
});

it('reads what depends on a batch, and passes over what it does not know', () => {
  const what = { zh: '评价', en: 'evaluations' };
  const members = { dependents: [{ what, count: 2, examples: ['1', '2'] }, { what: 3 }, null] };
  expect(readDependents(new Problem(409, 'no', { members }))).toEqual([
    { what, count: 2, examples: ['1', '2'] },
  ]);
  expect(readDependents(new Problem(409, 'no'))).toEqual([]);
});

const shapes: Shapes = {
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      properties: { shape: 'added.1', kind: 'added' },
      geometry: { type: 'Point', coordinates: [121, 31] },
    },
    {
      type: 'Feature',
      properties: { shape: 'changed.1', kind: 'changed' },
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [121.1, 31.1],
            [121.2, 31.1],
            [121.2, 31.2],
            [121.1, 31.1],
          ],
        ],
      },
    },
    { type: 'Feature', properties: { shape: 'missing.1', kind: 'missing' }, geometry: null },
  ],
};

it('draws the shapes over the target and the base, and nothing else', () => {
  const style = shapeStyle(sampleLayers, theme.id, shapes, changeLook, 'changed.1');
  expect(validateStyleMin(style)).toEqual([]);
  expect(Object.keys(style.sources)).toContain(theme.id);
  expect(Object.keys(style.sources)).not.toContain('zones');
  expect(JSON.stringify(style.sources['~shapes'])).not.toContain('missing.1');
  const lines = style.layers.filter((it) => it.type === 'line' && it.id.startsWith('~line-'));
  const dashes = lines.map((it) => JSON.stringify(it.type === 'line' && it.paint?.['line-dasharray']));
  expect(new Set(dashes).size).toBe(changeLook.classes.length);
});

it('goes to where the shapes are, past broken coordinates', () => {
  const all = shapes.features.map((it) => it.geometry);
  expect(boundsOf(all)).toEqual([121, 31, 121.2, 31.2]);
  expect(boundsOf([{ type: 'Point', coordinates: [40_500_000, 3_400_000] }, null])).toBeNull();
  expect(boundsOf([])).toBeNull();
});

it('names shapes as their rows, and draws boxes where there are too many to fetch', () => {
  const features = shapes.features.map((it, at) => ({ ...it, id: at + 5, properties: {} }));
  const found = named({ ...shapes, features });
  expect(found.features.map((it) => it.properties['shape'])).toEqual(['5', '6', '7']);
  const [box, ...others] = boxes([
    { shape: '9', bbox: [1, 2, 3, 4], properties: { severity: 'error' } },
    { shape: '10', bbox: [1, 2, 1, 2], properties: {} },
    { shape: '11', bbox: null, properties: {} },
  ]).features;
  expect(box?.properties).toEqual({ severity: 'error', shape: '9' });
  expect(boundsOf([box?.geometry ?? null])).toEqual([1, 2, 3, 4]);
  expect(others.map((it) => it.geometry?.type)).toEqual(['Point']);
});

it('says a sentence of two languages in one, where it is plain which half is which', () => {
  expect(inLanguage('不是数字 / not a number', 'zh')).toBe('不是数字');
  expect(inLanguage('不是数字 / not a number', 'en')).toBe('not a number');
  for (const whole of [
    '不认识 `a / b` / unknown `a / b`',
    '未找到 / no column `地块`',
    'EPSG:4549',
    'a / b',
  ]) {
    expect(inLanguage(whole, 'zh')).toBe(whole);
  }
  expect(inLanguage('甲 / a\n乙 / b', 'en')).toBe('a\nb');
});
