import { describe, expect, it } from 'vitest';
import { fromPath, ownPage, readBase, signInPath, toAddress, toPath } from './base';

const root = readBase('https://land.example/');
const prefixed = readBase('https://gov.example:8443/land/mutu/');

describe('the base of the service', () => {
  it('is read from the address that the page resolves against', () => {
    expect(root).toEqual({ origin: 'https://land.example', prefix: '' });
    expect(prefixed).toEqual({ origin: 'https://gov.example:8443', prefix: '/land/mutu' });
    expect(readBase('http://localhost:8080/index.html?x=/a/b#/c/').prefix).toBe('');
  });

  it('leaves paths as they are at the root', () => {
    expect(toPath('/api/v1/layers', root)).toBe('/api/v1/layers');
    expect(toAddress('/ogc', root)).toBe('https://land.example/ogc');
    expect(fromPath('/d/A', root)).toBe('/d/A');
    expect(fromPath('/', root)).toBe('/');
  });

  it('puts the prefix before them, and takes it off again', () => {
    expect(toPath('/api/v1/layers', prefixed)).toBe('/land/mutu/api/v1/layers');
    expect(toAddress('/tiles/a/{z}/{x}/{y}?v=7', prefixed)).toBe(
      'https://gov.example:8443/land/mutu/tiles/a/{z}/{x}/{y}?v=7',
    );
    expect(fromPath('/land/mutu/d/A', prefixed)).toBe('/d/A');
    expect(fromPath('/land/mutu/', prefixed)).toBe('/');
    expect(fromPath('/land/mutu', prefixed)).toBe('/');
    expect(fromPath('/land/mutual/d/A', prefixed)).toBeNull();
    expect(fromPath('/d/A', prefixed)).toBeNull();
  });

  it('keeps an address that the server gave in full', () => {
    expect(toAddress('https://tiles.example/a', prefixed)).toBe('https://tiles.example/a');
  });
});

describe('the page to return to', () => {
  it.each(['/', '/?l=a,1,0.5&v=1#map=12/31.3/121.2', '/d/JD-198%2F0417', '/account', '/admin?tab=audit'])(
    'is a page of ours: %s',
    (to) => {
      expect(ownPage(to, root)).toBe(to);
      expect(ownPage(to, prefixed)).toBe(to);
    },
  );

  it.each([
    null,
    '',
    'account',
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '/\t/evil.example/',
    '/..//evil.example/',
    '/x/..//evil.example',
    'javascript:alert(1)',
    '/sign-in',
    '/sign-in?to=/sign-in',
    '/sign-in/oidc?to=/',
  ])('is the map for %j', (to) => {
    expect(ownPage(to, root)).toBe('/');
    expect(ownPage(to, prefixed)).toBe('/');
  });

  it('cannot leave the prefix', () => {
    expect(ownPage('/../other/', prefixed)).toBe('/');
    expect(ownPage('/../mutu/account', prefixed)).toBe('/account');
  });

  it('goes along to the sign-in page', () => {
    const at = (pathname: string, search = '', hash = '') => ({ pathname, search, hash });
    expect(signInPath(at('/'), root)).toBe('/sign-in');
    expect(signInPath(at('/', '?sel=A', '#map=1/2/3'), root)).toBe(
      '/sign-in?to=%2F%3Fsel%3DA%23map%3D1%2F2%2F3',
    );
    expect(signInPath(at('/land/mutu/account'), prefixed)).toBe('/land/mutu/sign-in?to=%2Faccount');
    expect(signInPath(at('/land/mutu/sign-in', '?to=/account'), prefixed)).toBe('/land/mutu/sign-in');
  });
});
