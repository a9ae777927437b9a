import { describe, expect, it } from 'vitest';
import type { Buildings, Dossier, LayerTree, Origin } from '../api/schema';
import { sourcesOf, suppliersOf, vacancy } from './origins';

const origin = (file: string | null, recorded_at: string, more: Partial<Origin> = {}): Origin => ({
  facts: 'register',
  year: null,
  file,
  recorded_at,
  is_newer: false,
  ...more,
});

const built = (vacant_area_m2: string | null, floor_area_m2: string | null): Buildings => ({
  count: 1,
  footprint_m2: null,
  vacant_area_m2,
  floor_area_m2,
});

describe('where values come from', () => {
  it('names each file once, the newest first, and says when a row is newer than the run', () => {
    const found = sourcesOf([
      origin('a.xlsx', '2026-01-02T00:00:00Z'),
      origin('b.shp', '2026-03-04T01:00:00Z'),
      origin('a.xlsx', '2026-01-02T09:00:00Z', { is_newer: true }),
      origin(null, '2025-12-31T00:00:00Z'),
    ]);
    expect(found.map((it) => it.file)).toEqual(['b.shp', 'a.xlsx', null]);
    expect(found[1]).toEqual({ file: 'a.xlsx', day: '2026-01-02', year: null, isNewer: true });
  });

  it('asks for a measure where its figures come from, and for a field where its folder says', () => {
    const office = (zh: string) => ({ zh, en: zh });
    const dossier = {
      measures: [{ name: 'tax_wan', value: null, note: null, supplier: office('税务部门'), origins: [] }],
      verdict: {
        evidence: [{ missing: [{ name: 'status', title: office('状态'), supplier: office('属地街镇') }] }],
      },
    } as unknown as Dossier;
    const field = { name: 'suspended_since', supplier: office('属地街镇、园区') };
    const tree = { layers: [{ identify: 'parcel_code', fields: [field] }] } as unknown as LayerTree;
    const found = suppliersOf(dossier, tree);
    expect(found.get('tax_wan')?.zh).toBe('税务部门');
    expect(found.get('suspended_since')?.zh).toBe('属地街镇、园区');
    expect(found.get('status')?.zh).toBe('属地街镇');
    expect(found.get('name')).toBeUndefined();
  });

  it('divides what is vacant by the floor, and by nothing else', () => {
    expect(vacancy(built('250', '1000'))).toBe(0.25);
    expect(vacancy(built('0', '1000'))).toBe(0);
    expect(vacancy(built(null, '1000'))).toBeNull();
    expect(vacancy(built('1', null))).toBeNull();
    expect(vacancy(built('1', '0'))).toBeNull();
  });
});
