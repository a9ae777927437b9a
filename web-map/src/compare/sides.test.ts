import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import type { Feature, FeatureCollection } from 'geojson';
import { expect, it } from 'vitest';
import { sampleLayers } from '../layers/sample';
import { readBase } from '../state/base';
import { emptyView, type SideView } from '../state/url';
import { changesOf, differencesOf, sideStyle } from './sides';

const base = readBase('https://land.example/');
const row = (id: number, x: number, name: string): Feature => ({
  type: 'Feature',
  id,
  properties: { name },
  geometry: {
    type: 'Polygon',
    coordinates: [
      [
        [x, 0],
        [x + 1, 0],
        [x, 1],
        [x, 0],
      ],
    ],
  },
});
const of = (...features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features });

it('finds what came, what went and what is another', () => {
  const found = changesOf(
    of(row(1, 0, 'a'), row(2, 5, 'b'), row(3, 9, 'c')),
    of(row(1, 0, 'a'), row(2, 6, 'b'), row(4, 1, 'd')),
  );
  expect(found.map(({ feature, kind }) => [feature.id, kind])).toEqual([
    [2, 'other'],
    [4, 'in'],
    [3, 'out'],
  ]);
  expect(changesOf(of(row(1, 0, 'a')), of(row(1, 0, 'renamed'))).map((it) => it.kind)).toEqual(['other']);
});

it('compares two sides through what the tiles show', () => {
  const left = new Map([
    [1, { shown: 'ok', own: 'low' } as const],
    [2, { shown: 'ok', own: 'low' } as const],
    [3, { shown: 'low', own: 'unknown' } as const],
  ]);
  const right = new Map([
    [2, { shown: 'ok', own: 'low' } as const],
    [4, { shown: 'unknown', own: 'low' } as const],
    [5, { shown: 'ok', own: 'unknown' } as const],
  ]);
  expect([...differencesOf(left, right)]).toEqual([
    [1, 'out'],
    [3, 'in'],
    [4, 'in'],
    [5, 'other'],
  ]);
  expect(differencesOf(right, right).size).toBe(0);
});

it.each<SideView>([
  { layer: 'theme_two', of: { kind: 'now' } },
  { layer: 'zones', of: { kind: 'day', day: '2024-01-31' } },
  { layer: 'theme_one', of: { kind: 'run', id: 3 } },
  { layer: 'nosuch', of: { kind: 'scenario', id: 3 } },
])('draws a valid side of $layer', (side) => {
  const style = sideStyle({
    layers: sampleLayers,
    view: emptyView,
    side,
    day: of(row(1, 0, 'a')),
    changes: changesOf(of(row(1, 0, 'a')), of()),
    marks: true,
    base,
  });
  expect(validateStyleMin(style)).toEqual([]);
  const fill = style.layers.find((it) => it.id === `${side.layer}-fill`) as
    { source?: string; layout?: object } | undefined;
  if (fill) {
    expect(fill.layout).toMatchObject({ visibility: 'visible' });
    expect(fill.source).toBe(side.of.kind === 'day' ? '~day' : side.layer);
  }
});
