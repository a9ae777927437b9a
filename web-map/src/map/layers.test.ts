// Every drawn layer's style, found by walking the directory, against MapLibre's own specification.
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../../../layers');
const ids = readdirSync(folder).filter((it) => existsSync(join(folder, it, 'style.json')));

it('finds the layer folders', () => {
  expect(ids.length).toBeGreaterThan(10);
});

it.each(ids)('the style of layer %s is valid', (id) => {
  // The server puts the legend's colours here.
  const text = readFileSync(join(folder, id, 'style.json'), 'utf8').replaceAll('"$legend"', '"#888888"');
  const layers = (JSON.parse(text) as LayerSpecification[]).map(
    (it) => ({ ...it, source: id, 'source-layer': id }) as LayerSpecification,
  );
  expect(layers.length).toBeGreaterThan(0);
  const sources = { [id]: { type: 'vector' as const, tiles: ['https://land.example/{z}/{x}/{y}'] } };
  expect(validateStyleMin({ version: 8, sources, layers })).toEqual([]);
});

it('the whole style that the server gives other maps is valid, and its patterns are in the sprite', () => {
  const file = join(import.meta.dirname, '../../../docs/style.json');
  const style = JSON.parse(readFileSync(file, 'utf8')) as StyleSpecification;
  expect(validateStyleMin(style)).toEqual([]);
  expect(style.sprite).toBe('https://land.example/sprites/mutu');
  const patterns = style.layers.flatMap((it) =>
    it.type === 'fill' && it.paint?.['fill-pattern'] ? [it.paint['fill-pattern']] : [],
  );
  expect(patterns.length).toBeGreaterThan(3);
  expect(patterns.every((it) => ['hatch', 'cross', 'dots'].includes(String(it)))).toBe(true);
});
