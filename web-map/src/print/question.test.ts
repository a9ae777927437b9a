import { describe, expect, it } from 'vitest';
import { emptyView } from '../state/url';
import { sampleLayer } from '../layers/sample';
import { printPath, shownLayers, type PrintForm } from './question';

const form: PrintForm = { paper: 'A3', orientation: 'portrait', scale: null, title: ' 现状图 & 1 ' };
const camera = {
  bbox: [121.1, 31.2, 121.3, 31.4] as [number, number, number, number],
  center: [121.2, 31.3] as [number, number],
};

describe('a printed map', () => {
  it('shows what the view shows', () => {
    const layers = [
      sampleLayer('a', { role: 'base', visible: true }),
      sampleLayer('b', { role: 'overlay', visible: false }),
      sampleLayer('c', { role: 'overlay', visible: true, readable: false }),
      sampleLayer('d', { role: 'overlay', visible: true, geometry: 'none' }),
    ];
    expect(shownLayers(layers, emptyView).map((it) => it.id)).toEqual(['a']);
    const query = new URLSearchParams(printPath(layers, emptyView, camera, form, 'zh').split('?')[1]);
    expect(Object.fromEntries(query)).toEqual({
      paper: 'A3',
      orientation: 'portrait',
      lang: 'zh',
      layers: 'a',
      bbox: '121.1,31.2,121.3,31.4',
      title: '现状图 & 1',
    });
  });

  it('has the middle of the view at a scale that was chosen', () => {
    const path = printPath([], emptyView, camera, { ...form, scale: 5000 }, 'en');
    const query = new URLSearchParams(path.split('?')[1]);
    expect(query.get('center')).toBe('121.200000,31.300000');
    expect(query.get('scale')).toBe('5000');
    expect(query.has('bbox')).toBe(false);
  });
});
