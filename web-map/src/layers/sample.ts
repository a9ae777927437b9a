// A small layer tree for unit tests; its ids are of no real layer.
import type { Layer, StyleLayer } from '../api/schema';

const text = (zh: string) => ({ zh, en: zh });

export function sampleLayer(id: string, change: Partial<Layer> = {}): Layer {
  return {
    id,
    kind: 'reference',
    group: 'all',
    title: text(id),
    about: text(id),
    geometry: 'polygon',
    draw: 'area',
    zooms: { min: 8, max: 14 },
    role: 'overlay',
    visible: true,
    access: 'public',
    readable: true,
    identify: null,
    fields: [],
    legend: [],
    style: [sampleStyle(`${id}-fill`, 'fill')],
    tiles: `/tiles/${id}/{z}/{x}/{y}?v=7`,
    data: { revision: 7, count: 1, updated_at: null, file: null, bounds: [121, 31, 122, 32] },
    ...change,
  };
}

export function sampleStyle(id: string, type: StyleLayer['type'], paint: object = {}): StyleLayer {
  return { id, type, paint } as StyleLayer;
}

const row = (value: string, pattern: 'hatch' | null = null) => ({
  label: text(value),
  color: '#123456',
  pattern,
  filter: `kind = '${value}'`,
  match: { field: 'kind', values: [value] },
  count: 1,
  area_mu: '1.5',
});

export const theme = sampleLayer('theme_one', {
  role: 'theme',
  identify: 'code',
  legend: [row('x'), row('y', 'hatch'), { ...row('z'), match: null }],
  style: [
    sampleStyle('theme_one-fill', 'fill', {
      'fill-color': '#123456',
      'fill-opacity': ['interpolate', ['linear'], ['zoom'], 10, 0.4, 14, 0.8],
    }),
    sampleStyle('theme_one-line', 'line', { 'line-opacity': 0.5 }),
    { ...sampleStyle('theme_one-name', 'symbol'), layout: { 'text-field': ['get', 'name'] } } as StyleLayer,
  ],
});

export const sampleLayers: Layer[] = [
  sampleLayer('names', { draw: 'label', role: 'base', style: [sampleStyle('names-text', 'symbol')] }),
  theme,
  sampleLayer('theme_two', { role: 'theme', visible: false, identify: 'code' }),
  sampleLayer('streets', {
    draw: 'line',
    role: 'base',
    geometry: 'line',
    style: [sampleStyle('streets-line', 'line')],
  }),
  sampleLayer('ground', { role: 'base' }),
  sampleLayer('zones', { role: 'overlay' }),
  sampleLayer('secret', { readable: false, access: 'officer', tiles: '' }),
];
