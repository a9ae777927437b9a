// A feature that stands for several rows, because its tile would be too large with all of them.
import type { TFunction } from 'i18next';
import type { Layer } from '../api/schema';
import { count, quantity, type Figure, type Language } from '../format';

/** `mu` is null where the tile does not tell it. */
export type Sum = { count: number; mu: Figure };

export function readSum(layer: Layer, properties: Readonly<Record<string, unknown>>): Sum | null {
  const rows = properties['count'];
  if (properties['aggregated'] !== true || typeof rows !== 'number') return null;
  const inMu = layer.fields.find((it) => it.unit === 'mu')?.name;
  const mu: unknown = inMu === undefined ? null : properties[inMu];
  return { count: rows, mu: typeof mu === 'number' || typeof mu === 'string' ? mu : null };
}

export function tellSum(sum: Sum, t: TFunction, language: Language): string {
  const rows = t('map.sum', { rows: count(sum.count) });
  const mu = quantity(sum.mu, 'mu', language);
  return mu === null ? rows : t('map.sum_mu', { rows, mu });
}
