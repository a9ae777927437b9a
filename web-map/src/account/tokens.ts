// The life of an API token, and how one is used. Pure.
import type { Token } from '../api/schema';

export type TokenState = 'usable' | 'expired' | 'revoked';

export function stateOf(token: Token, now: Date): TokenState {
  if (token.revoked_at !== null) return 'revoked';
  return token.expires_at !== null && new Date(token.expires_at) <= now ? 'expired' : 'usable';
}

/** Usable ones before ended ones, the newest first among each. */
export function byUse(tokens: readonly Token[], now: Date): Token[] {
  const ended = (it: Token) => (stateOf(it, now) === 'usable' ? 0 : 1);
  return [...tokens].sort((a, b) => ended(a) - ended(b) || b.created_at.localeCompare(a.created_at));
}

export const lifetimes = [7, 30, 90, 180, 365] as const;

/** Commands as they are pasted into a terminal; `service` is the address of the features, `/ogc`. */
export function curlCommand(service: string, secret: string): string {
  return `curl -H "Authorization: Bearer ${secret}" "${service}/collections"`;
}

export function gdalCommand(service: string, secret: string): string {
  return `ogrinfo -ro "OAPIF:${service}" --config GDAL_HTTP_HEADERS "Authorization: Bearer ${secret}"`;
}
