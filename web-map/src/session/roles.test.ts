import { expect, it } from 'vitest';
import type { Session } from '../api/schema';
import { mayImport, observe, reaches, rolesBelow, rolesUpTo, unitsMatter, type Known } from './roles';

const nobody: Session = {
  role: 'public',
  account: null,
  own_role: 'public',
  view_as: null,
  means: null,
  responsible_units: null,
  password_expires_at: null,
  must_change_password: false,
  sign_in: { password: true, password_rules: { min_length: 10, min_kinds: 3 }, oidc: null },
};
const officer: Session = {
  ...nobody,
  role: 'officer',
  own_role: 'officer',
  account: 'zhang',
  means: 'password',
};
const start: Known = { session: null, lost: false };

it('orders the roles', () => {
  expect(reaches('steward', 'officer')).toBe(true);
  expect(reaches('officer', 'officer')).toBe(true);
  expect(reaches('viewer', 'officer')).toBe(false);
  expect(rolesBelow('steward')).toEqual(['officer', 'viewer', 'public']);
  expect(rolesBelow('public')).toEqual([]);
  expect(rolesUpTo('officer')).toEqual(['officer', 'viewer']);
  expect(rolesUpTo('public')).toEqual([]);
});

it('asks for units where a role can be bounded by them', () => {
  expect(
    ['viewer', 'officer', 'steward', 'admin'].filter((it) => unitsMatter(it as Session['role'])),
  ).toEqual(['officer', 'steward']);
});

it('notices a session that ended by itself, and remembers whose it was', () => {
  expect(observe(start, nobody)).toEqual({ session: nobody, lost: false });
  const known = observe(start, officer);
  expect(known).toEqual({ session: officer, lost: false });
  const lost = observe(known, nobody);
  expect(lost).toEqual({ session: officer, lost: true });
  expect(observe(lost, nobody)).toEqual(lost);
  expect(observe(lost, officer)).toEqual({ session: officer, lost: false });
});

it('takes somebody who views as the public for signed in', () => {
  const viewing: Session = { ...officer, role: 'public', view_as: 'public' };
  expect(observe(observe(start, officer), viewing)).toEqual({ session: viewing, lost: false });
});

it('lets stewards of everything import, and nobody below', () => {
  const may = (role: Session['role'], units: string[] | null = null) =>
    mayImport({ role, responsible_units: units });
  expect([may('steward'), may('admin'), may('admin', ['x'])]).toEqual([true, true, true]);
  expect([may('steward', ['x']), may('officer'), may('public')]).toEqual([false, false, false]);
});
