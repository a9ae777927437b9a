// What the administration shows, as its address says: `/admin?tab=audit&account=zhang&action=sign_in`. Pure.
import type { AuditFilter } from '../api/accounts';

export type AdminView = { tab: 'accounts' | 'audit'; filter: AuditFilter };

export function readAdmin(search: string): AdminView {
  const query = new URLSearchParams(search);
  const action = query.get('action');
  return {
    tab: query.get('tab') === 'audit' ? 'audit' : 'accounts',
    filter: {
      account: query.get('account')?.slice(0, 100) || null,
      action: action !== null && /^[a-z_]{1,40}$/.test(action) ? action : null,
    },
  };
}

export function writeAdmin({ tab, filter }: AdminView): string {
  if (tab === 'accounts') return '';
  const query = new URLSearchParams({ tab });
  if (filter.account) query.set('account', filter.account);
  if (filter.action) query.set('action', filter.action);
  return `?${query.toString()}`;
}
