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
