// The list of accounts as it is looked through. Pure.
import type { Account, AccountRole } from '../api/schema';
import { roles } from '../session/roles';

export type AccountState = 'active' | 'disabled' | 'locked';

export function stateOf(account: Account, now: Date): AccountState {
  if (account.disabled) return 'disabled';
  return account.locked_until !== null && new Date(account.locked_until) > now ? 'locked' : 'active';
}

export type Wanted = { text: string; role: AccountRole | null; state: AccountState | null };

/** Every word of the text is in the account's name, title or units. The most trusted roles come first. */
export function lookThrough(accounts: readonly Account[], wanted: Wanted, now: Date): Account[] {
  const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (it: Account) => {
    const text = [it.name, it.title, ...(it.responsible_units ?? [])].join(' ').toLowerCase();
    return (
      words.every((word) => text.includes(word)) &&
      (wanted.role === null || it.role === wanted.role) &&
      (wanted.state === null || stateOf(it, now) === wanted.state)
    );
  };
  return accounts
    .filter(fits)
    .sort((a, b) => roles.indexOf(b.role) - roles.indexOf(a.role) || a.name.localeCompare(b.name));
}

/** Units that accounts already have, for whoever makes the next one. */
export function unitsOf(accounts: readonly Account[]): string[] {
  return [...new Set(accounts.flatMap((it) => it.responsible_units ?? []))];
}
