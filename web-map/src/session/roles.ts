// The roles and their order: each may do what those before it may. Pure.
import type { AccountRole, Session } from '../api/schema';

export const roles: readonly AccountRole[] = ['public', 'viewer', 'officer', 'steward', 'admin'];

/** Somebody with an account. */
export type SignedIn = Session & { account: string };

export function isSignedIn(session: Session | null | undefined): session is SignedIn {
  return session != null && session.account !== null;
}

/** Those an account or a token may have: being nobody needs neither. */
export const accountRoles: readonly AccountRole[] = roles.slice(1);

export function reaches(role: AccountRole, needed: AccountRole): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** Whose eyes one may borrow, nearest first. */
export function rolesBelow(role: AccountRole): AccountRole[] {
  return roles.slice(0, roles.indexOf(role)).reverse();
}

/** The roles that a token of this account may have, highest first. */
export function rolesUpTo(role: AccountRole): AccountRole[] {
  return accountRoles.filter((it) => reaches(role, it)).reverse();
}

/** Above viewers an account's role holds in its units; below, units mean nothing. */
export function unitsMatter(role: AccountRole): boolean {
  return reaches(role, 'officer') && role !== 'admin';
}

/** A batch may hold rows of any unit, so a steward of some units may not import. */
export function mayImport(session: Pick<Session, 'role' | 'responsible_units'>): boolean {
  const everywhere = session.responsible_units === null || !unitsMatter(session.role);
  return reaches(session.role, 'steward') && everywhere;
}

/** What is known of who is at the screen: a session that ended by itself is remembered, with what it was. */
export type Known = { session: Session | null; lost: boolean };

export function observe(known: Known, seen: Session): Known {
  if (isSignedIn(seen)) return { session: seen, lost: false };
  if (known.session?.account) return { session: known.session, lost: true };
  return { session: seen, lost: false };
}
