// What the server says in the address of the sign-in page when another sign-in service could not sign somebody in.

const known = {
  'oidc-denied': 'denied',
  'oidc-away': 'away',
  'oidc-expired': 'expired',
  'oidc-not-verified': 'not_verified',
  'oidc-unknown': 'unknown',
  'oidc-disabled': 'disabled',
  'oidc-name': 'name',
  'too-many': 'too_many',
  busy: 'busy',
} as const;

export type Why = { key: (typeof known)[keyof typeof known] | 'other'; asksAdministrator: boolean };

/** Null: nobody was refused. The words are the page's own: anybody can write an address. */
export function refusedWhy(search: string): Why | null {
  const code = new URLSearchParams(search).get('error');
  if (code === null) return null;
  const key = Object.hasOwn(known, code) ? known[code as keyof typeof known] : 'other';
  return { key, asksAdministrator: key === 'unknown' || key === 'name' };
}

/** Who one is at the sign-in service: in a cookie, which a forged address cannot set. */
export function refusedSubject(cookies: string): string | null {
  const found = cookies.split('; ').find((it) => it.startsWith('mutu_oidc_subject='));
  try {
    return found ? decodeURIComponent(found.slice(found.indexOf('=') + 1)) || null : null;
  } catch {
    return null;
  }
}
