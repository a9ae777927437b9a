import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec';
import { describe, expect, it } from 'vitest';
import type { Preview } from '../api/schema';
import { sampleLayers, theme as layer } from '../layers/sample';
import { readBase } from '../state/base';
import { kindOf, scenarioStyle, statesAtMost, sumsOf, turnedOf, verdictColour } from './flips';

const base = readBase('https://land.example/');

type Flip = Preview['flips'][number];

const flip = (from: string, to: string, ids: number[], more: Partial<Flip> = {}): Flip => ({
  from,
  to,
  parcels: ids.length,
  area_mu: '10.5',
  ids,
  is_cut: false,
  ...more,
});

describe('turned parcels', () => {
  it('are in, out or neither', () => {
    expect(kindOf('ok', 'low')).toBe('in');
    expect(kindOf('low', 'unknown')).toBe('out');
    expect(kindOf('ok', 'unknown')).toBe('other');
  });

  it('get states by their ids; of too many those that matter most', () => {
    const many = Array.from({ length: statesAtMost }, (_, nth) => nth + 10);
    const { turned, isCut } = turnedOf([flip('ok', 'unknown', many), flip('ok', 'low', [1, 2])]);
    expect(turned.size).toBe(statesAtMost);
    expect(turned.get(2)).toEqual({ from: 'ok', to: 'low', kind: 'in' });
    expect(isCut).toBe(true);
    expect(turnedOf([flip('low', 'ok', [3])]).isCut).toBe(false);
    expect(turnedOf([flip('low', 'ok', [3], { is_cut: true })]).isCut).toBe(true);
  });

  it('are counted whole, whatever was cut', () => {
    const sums = sumsOf([
      flip('ok', 'low', [1], { parcels: 40, is_cut: true }),
      flip('unknown', 'low', [2]),
      flip('low', 'ok', []),
    ]);
    expect(sums[0]).toEqual({ kind: 'in', parcels: 41, areaMu: 21 });
    expect(sums[1]?.parcels).toBe(0);
  });
});

describe('the style', () => {
  it.each(['run', 'changed', 'difference'] as const)('is valid: %s', (mode) => {
    expect(validateStyleMin(scenarioStyle(sampleLayers, layer, mode, null, base))).toEqual([]);
  });

  it('reads nothing but feature-state above the verdicts, so that no tile is fetched or parsed again', () => {
    const added = scenarioStyle(sampleLayers, layer, 'changed', null, base).layers.filter((it) =>
      it.id.startsWith('~turned'),
    );
    expect(added).toHaveLength(4);
    const text = JSON.stringify(added.map((it) => ('paint' in it ? it.paint : null)));
    expect(text).toContain('feature-state');
    expect(text).not.toContain('"get"');
    expect(added.every((it) => !('filter' in it))).toBe(true);
  });

  it('takes the colours of the legend', () => {
    const row = layer.legend.find((it) => it.match);
    const value = row?.match?.values[0];
    expect(verdictColour(layer, String(value) as never)).toBe(row?.color);
  });
});
