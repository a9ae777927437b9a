import { expect, it } from 'vitest';
import { i18n } from '../i18n';
import { sampleLayer } from '../layers/sample';
import { readSum, tellSum } from './sum';

const field = { name: 'area_mu', unit: 'mu' } as ReturnType<typeof sampleLayer>['fields'][number];
const layer = sampleLayer('zones', { fields: [field] });

it('is read from what stands for several rows only', () => {
  expect(readSum(layer, { parcel_code: 'A', area_mu: 3 })).toBeNull();
  expect(readSum(layer, { aggregated: false, count: 3 })).toBeNull();
  expect(readSum(layer, { aggregated: true })).toBeNull();
  expect(readSum(layer, { aggregated: true, count: 12, area_mu: 1234.567 })).toEqual({
    count: 12,
    mu: 1234.567,
  });
  expect(readSum(sampleLayer('zones'), { aggregated: true, count: 12 })).toEqual({ count: 12, mu: null });
});

it('is told in words, with its land where that is known', () => {
  const zh = i18n.getFixedT('zh');
  expect(tellSum({ count: 1200, mu: 1234.567 }, zh, 'zh')).toBe('汇总 1,200 宗 · 1,234.57 亩');
  expect(tellSum({ count: 3, mu: null }, zh, 'zh')).toBe('汇总 3 宗');
  expect(tellSum({ count: 3, mu: '0.5' }, i18n.getFixedT('en'), 'en')).toBe('3 parcels together · 0.50 mu');
});
