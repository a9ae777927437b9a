import { expect, it } from 'vitest';
import type { Token } from '../api/schema';
import { byUse, curlCommand, gdalCommand, stateOf } from './tokens';

const now = new Date('2026-11-21T08:00:00Z');
const token = (name: string, change: Partial<Token> = {}): Token => ({
  token_id: 1,
  name,
  role: 'viewer',
  created_at: '2026-11-01T00:00:00Z',
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
  ...change,
});

it('tells how a token ended', () => {
  expect(stateOf(token('a'), now)).toBe('usable');
  expect(stateOf(token('a', { expires_at: '2026-11-21T08:00:01Z' }), now)).toBe('usable');
  expect(stateOf(token('a', { expires_at: '2026-11-21T08:00:00Z' }), now)).toBe('expired');
  expect(
    stateOf(token('a', { expires_at: '2026-11-01T00:00:00Z', revoked_at: '2026-10-01T00:00:00Z' }), now),
  ).toBe('revoked');
});

it('lists usable tokens first, the newest before the older', () => {
  const tokens = [
    token('revoked', { revoked_at: '2026-11-20T00:00:00Z', created_at: '2026-11-19T00:00:00Z' }),
    token('old', { created_at: '2026-01-01T00:00:00Z' }),
    token('new', { created_at: '2026-11-18T00:00:00Z' }),
  ];
  expect(byUse(tokens, now).map((it) => it.name)).toEqual(['new', 'old', 'revoked']);
});

it('writes commands that name the service and the secret', () => {
  expect(curlCommand('http://map/mutu/ogc', 'S')).toBe(
    'curl -H "Authorization: Bearer S" "http://map/mutu/ogc/collections"',
  );
  expect(gdalCommand('http://map/ogc', 'S')).toBe(
    'ogrinfo -ro "OAPIF:http://map/ogc" --config GDAL_HTTP_HEADERS "Authorization: Bearer S"',
  );
});
