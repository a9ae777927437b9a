// Sessions, accounts, tokens and the audit log, as the server answers them.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getJson, remove, sendJson, sessionPath } from './client';
import type { Account, AccountRole, AuditEvent, MadeToken, Session, SignInLink, Token } from './schema';

export type Credentials = { token: string } | { account: string; password: string; new_password?: string };

export const signIn = (given: Credentials) => sendJson<Session>('POST', sessionPath, given);
export const signOut = () => remove(sessionPath);
/** Null returns to the account's own role. */
export const viewAs = (role: AccountRole | null) =>
  sendJson<Session>('PATCH', sessionPath, { view_as: role });

/** `password` is left out only in a session that a one-time link opened. */
export const changePassword = (given: { password?: string; new_password: string }) =>
  sendJson<undefined>('PUT', `${sessionPath}/password`, given);

export const createToken = (given: { name: string; role?: AccountRole; days?: number }) =>
  sendJson<MadeToken>('POST', '/api/v1/tokens', given);
export const revokeToken = (tokenId: number) => remove(`/api/v1/tokens/${tokenId}`);

export type AccountChange = Partial<
  Pick<Account, 'role' | 'title' | 'responsible_units' | 'disabled' | 'oidc_subject'>
> & { unlock?: true };

const accountPath = (name: string) => `/api/v1/accounts/${encodeURIComponent(name)}`;

export const createAccount = (given: { name: string; role: AccountRole } & AccountChange) =>
  sendJson<Account>('POST', '/api/v1/accounts', given);
export const changeAccount = (name: string, change: AccountChange) =>
  sendJson<Account>('PATCH', accountPath(name), change);
export const createLink = (name: string) => sendJson<SignInLink>('POST', `${accountPath(name)}/link`, {});
export const revokeTokenOf = (name: string, tokenId: number) =>
  remove(`${accountPath(name)}/tokens/${tokenId}`);

export function useTokens(account: string) {
  return useQuery({
    queryKey: ['tokens', account],
    queryFn: async ({ signal }) => (await getJson<{ tokens: Token[] }>('/api/v1/tokens', signal)).tokens,
  });
}

export function useTokensOf(name: string) {
  return useQuery({
    queryKey: ['tokens_of', name],
    queryFn: async ({ signal }) =>
      (await getJson<{ tokens: Token[] }>(`${accountPath(name)}/tokens`, signal)).tokens,
  });
}

export function useAccounts() {
  return useQuery({
    queryKey: ['accounts'],
    queryFn: async ({ signal }) =>
      (await getJson<{ accounts: Account[] }>('/api/v1/accounts', signal)).accounts,
  });
}

export type AuditFilter = { account: string | null; action: string | null };

const eventsAtOnce = 50;

export function useAuditEvents(filter: AuditFilter) {
  return useInfiniteQuery({
    queryKey: ['audit_events', filter],
    queryFn: async ({ signal, pageParam }) => {
      const query = new URLSearchParams({ limit: String(eventsAtOnce) });
      if (pageParam !== null) query.set('before', String(pageParam));
      if (filter.account) query.set('account', filter.account);
      if (filter.action) query.set('action', filter.action);
      const path = `/api/v1/audit_events?${query.toString()}`;
      return getJson<{ audit_events: AuditEvent[]; next_before: number | null }>(path, signal);
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.next_before,
  });
}
