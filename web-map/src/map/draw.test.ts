import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import { sampleLayers } from '../layers/sample';
import { readBase } from '../state/base';
import { emptyView, type ViewState } from '../state/url';
import { buildStyle, identifiable, noHighlight } from './draw';
import { scaleOpacity } from './opacity';

const base = readBase('https://land.example/');
const build = (view: ViewState) => buildStyle(sampleLayers, view, noHighlight, base);
const find = (view: ViewState, id: string) => {
  const found = build(view).layers.find((it) => it.id === id);
  if (!found) throw new Error(`no layer ${id}`);
  return found as { layout?: Record<string, unknown>; paint?: Record<string, unknown>; filter?: unknown };
};

const touched: ViewState = {
  layers: { theme_one: { visible: true, opacity: 0.5 }, zones: { visible: false, opacity: 0.2 } },
  hidden: { theme_one: [0, 1, 2] },
  sel: null,
};

describe('the style', () => {
  it.each([emptyView, touched])('is valid: %j', (view) => {
    const highlight = {
      ring: {
        type: 'Polygon' as const,
        coordinates: [
          [
            [121, 31],
            [121.1, 31],
            [121, 31.1],
            [121, 31],
          ],
        ],
      },
      pin: [121, 31] as [number, number],
    };
    const errors = validateStyleMin(buildStyle(sampleLayers, view, highlight, base));
    expect(errors).toEqual([]);
  });

  it('draws areas, lines and labels in this order, and base, overlay, theme among areas', () => {
    const ids = build(emptyView).layers.map((it) => it.id);
    expect(ids.filter((it) => !it.startsWith('~'))).toEqual([
      'ground-fill',
      'zones-fill',
      'theme_one-fill',
      'theme_two-fill',
      'streets-line',
      'theme_one-line',
      'names-text',
      'theme_one-name',
    ]);
    expect(ids.indexOf('~ring')).toBeGreaterThan(ids.indexOf('theme_one-line'));
    expect(ids.indexOf('~ring')).toBeLessThan(ids.indexOf('names-text'));
    expect(ids.indexOf('~pattern-theme_one-1')).toBe(ids.indexOf('theme_one-fill') + 1);
  });

  it('leaves out what may not be read', () => {
    expect(Object.keys(build(emptyView).sources)).not.toContain('secret');
    expect(build(emptyView).layers.some((it) => it.id.includes('secret'))).toBe(false);
  });

  it('asks its own server for tiles, with the placeholders intact', () => {
    expect(build(emptyView).sources['zones']).toEqual({
      type: 'vector',
      tiles: ['https://land.example/tiles/zones/{z}/{x}/{y}'],
      minzoom: 8,
      maxzoom: 14,
      bounds: [121, 31, 122, 32],
    });
  });

  it('multiplies opacity and hides', () => {
    expect(find(touched, 'theme_one-line').paint).toEqual({ 'line-opacity': 0.25 });
    expect(find(touched, 'theme_one-fill').paint?.['fill-opacity']).toEqual([
      'interpolate',
      ['linear'],
      ['zoom'],
      10,
      0.2,
      14,
      0.4,
    ]);
    expect(find(touched, 'zones-fill').layout).toEqual({ visibility: 'none' });
  });

  it('filters the rows that are off, as far as they say how', () => {
    expect(find(emptyView, 'theme_one-fill').filter).toBeUndefined();
    expect(find(touched, 'theme_one-fill').filter).toEqual([
      'all',
      ['!', ['in', ['to-string', ['get', 'kind']], ['literal', ['x']]]],
      ['!', ['in', ['to-string', ['get', 'kind']], ['literal', ['y']]]],
    ]);
  });

  it('draws no ring before it is wanted, and parses no tile for it then', () => {
    const rings = (isWanted: boolean) => {
      const wanted = { ...noHighlight, choosable: 'theme_one', hasChosen: isWanted, isPointedAt: isWanted };
      const { layers } = buildStyle(sampleLayers, emptyView, wanted, base);
      return layers.filter((it) => /^~(hover|chosen)/.test(it.id)) as { paint: Record<string, unknown> }[];
    };
    const [before, after] = [rings(false), rings(true)];
    expect(before.map((it) => it.paint['line-opacity'])).toEqual([0, 0, 0, 0]);
    expect(after.map((it) => it.paint['line-opacity'])).toEqual([1, 1, 1, 1]);
    const drawn = (it: { paint: object }) => ({ ...it, paint: { ...it.paint, 'line-opacity': 1 } });
    expect(before.map(drawn)).toEqual(after);
  });

  it('lets the visible identifying layers answer a click', () => {
    expect(identifiable(sampleLayers, emptyView).map((it) => it.layer.id)).toEqual(['theme_one']);
    expect(identifiable(sampleLayers, emptyView)[0]?.styleIds).toEqual(['theme_one-fill', 'theme_one-line']);
  });
});

it('keeps zoom at the top of a scaled expression', () => {
  expect(scaleOpacity(0.8, 0.5)).toBe(0.4);
  expect(scaleOpacity(['step', ['zoom'], 0.2, 12, 1], 0.5)).toEqual(['step', ['zoom'], 0.1, 12, 0.5]);
  expect(scaleOpacity(['case', ['has', 'a'], 1, 0], 0.5)).toEqual(['*', ['case', ['has', 'a'], 1, 0], 0.5]);
});
