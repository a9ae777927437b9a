// Where the service is: at the root of its host, or under a prefix that a proxy gave it (`/mutu/`). The page's
// `<base>` says which, and every address of the web map is made here. Pure, save for the page's own base, read once.

/** `prefix` is empty at the root, else it begins with a slash and ends without one. */
export type Base = { origin: string; prefix: string };

export function readBase(baseUri: string): Base {
  const { origin, pathname } = new URL(baseUri);
  return { origin, prefix: pathname.slice(0, pathname.lastIndexOf('/')) };
}

/** The base of this page; unit tests have none. */
export const own = readBase(globalThis.document?.baseURI ?? 'http://localhost/');

/** The path on the host of a path of the service: `/ogc` becomes `/mutu/ogc`. */
export function toPath(path: string, base: Base = own): string {
  return `${base.prefix}${path}`;
}

/** The same with the host, for other programs; what the server gave in full stays as it is. */
export function toAddress(path: string, base: Base = own): string {
  return /^https?:\/\//.test(path) ? path : `${base.origin}${toPath(path, base)}`;
}

/** The path of the service in a path on the host, or null outside of it. */
export function fromPath(pathname: string, base: Base = own): string | null {
  if (pathname === base.prefix) return '/';
  return pathname.startsWith(`${base.prefix}/`) ? pathname.slice(base.prefix.length) : null;
}

/**
 * Where to go after signing in, as a path of the service: links may be forged to lead to another host, so
 * anything that is not a page of ours is the map.
 */
export function ownPage(to: string | null, base: Base = own): string {
  if (to === null || !to.startsWith('/') || !URL.canParse(toAddress(to, base))) return '/';
  const { origin, pathname, search, hash } = new URL(toAddress(to, base));
  const path = fromPath(pathname, base);
  // `/mutu/../..//evil.example` leaves the prefix; `//evil.example` would be read as a host.
  if (origin !== base.origin || path === null || /^[/\\]{2}/.test(path) || /^\/sign-in(\/|$)/.test(path)) {
    return '/';
  }
  return `${path}${search}${hash}`;
}

/** The sign-in page that leads back to `location`. */
export function signInPath(location: { pathname: string; search: string; hash: string }, base: Base = own) {
  const here = ownPage(`${fromPath(location.pathname, base) ?? '/'}${location.search}${location.hash}`, base);
  return toPath(here === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(here)}`, base);
}
