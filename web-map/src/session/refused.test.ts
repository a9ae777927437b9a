import { describe, expect, it } from 'vitest';
import en from '../i18n/en/session.json';
import zh from '../i18n/zh/session.json';
import { refusedSubject, refusedWhy } from './refused';

describe('refusedWhy', () => {
  it('knows what the server says and nothing that somebody else wrote', () => {
    expect(refusedWhy('?to=%2F')).toBeNull();
    expect(refusedWhy('?error=oidc-unknown&to=%2F')).toEqual({ key: 'unknown', asksAdministrator: true });
    expect(refusedWhy('?error=oidc-away')).toEqual({ key: 'away', asksAdministrator: false });
    for (const code of ['', 'constructor', '__proto__', 'Call 555-0100', 'internal']) {
      expect(refusedWhy(`?error=${encodeURIComponent(code)}`)?.key).toBe('other');
    }
  });

  it('has words for each in both languages', () => {
    expect(Object.keys(zh.refused)).toEqual(Object.keys(en.refused));
    for (const code of [
      'oidc-denied',
      'oidc-expired',
      'oidc-not-verified',
      'oidc-name',
      'too-many',
      'busy',
      'x',
    ]) {
      const key = refusedWhy(`?error=${code}`)?.key ?? 'other';
      expect(zh.refused[key]).toBeTruthy();
    }
  });
});

describe('refusedSubject', () => {
  it('is in its cookie only', () => {
    expect(refusedSubject('a=b; mutu_oidc_subject=f%3A17%2F%E7%8E%8B; c=d')).toBe('f:17/王');
    expect(refusedSubject('other_mutu_oidc_subject=x')).toBeNull();
    expect(refusedSubject('mutu_oidc_subject=')).toBeNull();
    expect(refusedSubject('mutu_oidc_subject=%E7')).toBeNull();
    expect(refusedSubject('')).toBeNull();
  });
});
