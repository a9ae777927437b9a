import { expect, it } from 'vitest';
import type { Layer } from '../api/schema';
import { readLayer, recipes } from './clients';
import { layerFile } from './qlr';

const address = (path: string) => `https://land.example/mutu${path}`;
const row = (label: string, color: string, values: (string | number)[] | null) =>
  ({
    label: { zh: label, en: label },
    color,
    match: values && { field: 'verdict', values },
  }) as Layer['legend'][number];
const layer = (more: Partial<Layer>) =>
  ({ id: 'land', geometry: 'polygon', legend: [], fields: [], ...more }) as Layer;

it('a layer has an address for every client; a table without shapes none for pictures', () => {
  const found = recipes(layer({}), address);
  expect(found.find((it) => it.client === 'arcgis')?.text).toBe(
    'https://land.example/mutu/arcgis/rest/services/land/FeatureServer',
  );
  expect(found.map((it) => it.client)).toContain('wmts');
  expect(recipes(layer({ geometry: 'none' }), address).map((it) => it.client)).toEqual([
    'qgis',
    'arcgis',
    'gdal',
    'ogc',
  ]);
});

it('a layer file has one category for every class, and texts that cannot break out', () => {
  const legend = [
    row('低 & <差>', '#a3201f', ['low', 'bad']),
    row('无', '#d3d7da', []),
    row('x', '#ffffff', null),
  ];
  const fields = [
    { name: 'verdict', title: { zh: '判定<', en: 'Verdict' }, readable: true },
  ] as Layer['fields'];
  const text =
    layerFile(layer({ legend, fields }), '低效"用地"', (it) => it.zh, 'https://land.example/wfs') ?? '';
  expect(text).toContain('name="低效&quot;用地&quot;"');
  expect(text).toContain("url='https://land.example/wfs'");
  expect(text).toContain('<alias index="0" field="verdict" name="判定&lt;"/>');
  expect(text.match(/<category /g)).toHaveLength(2);
  expect(text).toContain('<category type="List" label="低 &amp; &lt;差&gt;" symbol="0"');
  expect(text).toContain('<val value="low" type="string"/><val value="bad" type="string"/></category>');
  expect(text).toContain('value="" type="string" label="无" symbol="1"');
  expect(text).toContain('value="163,32,31,255"');
  expect(text.match(/<symbol /g)).toHaveLength(2);
});

it('a layer of one class is drawn in its colour, and a table has no layer file', () => {
  const one = layerFile(layer({ legend: [row('地', '#8d99a6', null)] }), '地', (it) => it.zh, 'x');
  expect(one).toContain('<renderer-v2 type="singleSymbol">');
  expect(layerFile(layer({ geometry: 'none' }), '表', (it) => it.zh, 'x')).toBeNull();
});

it('a forged layer in the address is none', () => {
  expect(readLayer('?layer=land')).toBe('land');
  expect(readLayer('?layer=../x')).toBeNull();
  expect(readLayer('')).toBeNull();
});
