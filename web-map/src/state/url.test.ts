import { describe, expect, it } from 'vitest';
import {
  dossierPath,
  emptyView,
  importPath,
  readDossierPath,
  readImportPath,
  readRunPath,
  readScreen,
  runPath,
  readView,
  writeView,
  type ViewState,
} from './url';

const views: ViewState[] = [
  emptyView,
  { layers: { a: { visible: true, opacity: 1 } }, hidden: {}, sel: null },
  {
    layers: { some_zones: { visible: false, opacity: 0.35 }, b2: { visible: true, opacity: 0 } },
    hidden: { some_zones: [0, 3, 12] },
    sel: 'JD-198-0417',
  },
  { layers: {}, hidden: {}, sel: '嘉定 A&B=1;2,3#?%+' },
  {
    ...emptyView,
    theme: {
      layer: 'yields',
      field: 'tax',
      method: 'manual',
      classes: 4,
      ramp: 'ylgnbu-r',
      bounds: [-0.000001, 2.5, 1200000],
      units: ['马陆镇;北区', 'A&B'],
    },
    chosen: ['JD;1', '嘉定 2'],
    compare: {
      mode: 'swipe',
      at: 0.33,
      left: { layer: 'plots', of: { kind: 'day', day: '2023-12-31' } },
      right: { layer: 'low', of: { kind: 'scenario', id: 7 } },
      difference: true,
    },
  },
  {
    ...emptyView,
    theme: { layer: 'a', field: 'b', method: 'jenks', classes: 7, ramp: 'greens', bounds: null, units: [] },
    compare: {
      mode: 'split',
      at: 0.5,
      left: { layer: 'a', of: { kind: 'now' } },
      right: { layer: 'a', of: { kind: 'run', id: 12 } },
      difference: false,
    },
  },
];

describe('the link of a view', () => {
  it.each(views)('is read back as it was written: %j', (view) => {
    expect(readView(writeView(view))).toEqual(view);
  });

  it('is empty for an untouched view, and readable otherwise', () => {
    expect(writeView(emptyView)).toBe('');
    expect(writeView(views[2] ?? emptyView)).toBe(
      '?l=some_zones,0,0.35;b2,1,0&f=some_zones,0,3,12&sel=JD-198-0417&v=1',
    );
  });

  it.each([
    '?l=a',
    '?l=a,1',
    '?l=a,2,1',
    '?l=a,1,7',
    '?l=a,1,1e9',
    '?l=a,1,NaN',
    '?l=A,1,1',
    '?l=<script>,1,1',
    '?l=../x,1,1',
    '?l=a,1,1,1',
    '?l=;;,,;',
    '?f=a',
    '?f=a,-1',
    '?f=a,1.5',
    '?f=a,99999',
    '?sel=',
    `?sel=${'x'.repeat(65)}`,
    '?sel=%00',
    '?l=a,1,1&v=2',
    '?t=a,b,nosuch,5,greens',
    '?t=a,b,manual,5,greens',
    '?t=a,b,manual,5,greens,3,2',
    '?t=a,b,manual,5,greens,1,NaN',
    '?t=a,b,manual,5,greens,1e400',
    '?t=a,b;drop,jenks,5,greens',
    '?t=a,b,jenks,99,greens',
    '?t=a,b,jenks,5,__proto__',
    '?c=swipe,0.5,0,a',
    '?c=spin,0.5,0,a,b',
    '?c=swipe,7,0,a,b',
    '?c=swipe,0.5,0,a,b~run~0',
    '?c=swipe,0.5,0,a,b~run~1e3',
    '?c=swipe,0.5,0,a,b~day~2023-13-01',
    '?c=swipe,0.5,0,a,b~day~2023-01-01~x',
    '?c=swipe,0.5,2,a,b',
    '?s=',
    `?s=${'x'.repeat(65)}`,
    '?%E0%A4%A',
    '?l=%E0%A4%A',
  ])('passes over what it does not understand: %s', (search) => {
    expect(readView(search)).toEqual(emptyView);
  });

  it('keeps the sound parts of a half-broken link', () => {
    expect(readView('?l=a,1,0.5;b,x,1;constructor,0,1&f=a,1,1,0&v=1').layers).toEqual({
      a: { visible: true, opacity: 0.5 },
      constructor: { visible: false, opacity: 1 },
    });
    expect(readView('?f=a,1,1,0').hidden).toEqual({ a: [0, 1] });
  });

  it('cannot reach the prototype', () => {
    readView('?l=__proto__,1,1');
    expect(({} as Record<string, unknown>)['visible']).toBeUndefined();
  });
});

describe('the address of a dossier', () => {
  it.each(['JD-198-0417', '310114/001', '嘉定 1号', '50%'])('is read back: %s', (code) => {
    expect(readDossierPath(dossierPath(code))).toBe(code);
  });

  it.each(['/', '/d/', '/d/a/b', '/x/a', '/d/%E0%A4%A', '/d/%00'])('is not %s', (path) => {
    expect(readDossierPath(path)).toBeNull();
  });
});

describe('the address of a run', () => {
  it('is read back as it was written', () => {
    expect(readRunPath(runPath(7))).toBe(7);
    expect(readScreen(runPath(7))).toBe('runs');
    expect(readScreen('/runs')).toBe('runs');
    expect(readScreen('/runs/x')).toBe('map');
  });
});

describe('the address of an import', () => {
  it('is read back', () => {
    expect(readImportPath(importPath(12))).toBe(12);
    expect(readScreen(importPath(12))).toBe('import');
    expect(readScreen('/import')).toBe('import');
  });

  it.each(['/import', '/import/', '/import/x', '/import/-1', '/import/1/2', '/import/1e9'])(
    'is not %s',
    (path) => {
      expect(readImportPath(path)).toBeNull();
    },
  );
});
