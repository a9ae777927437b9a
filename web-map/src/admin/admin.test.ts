import { describe, expect, it } from 'vitest';
import type { Account } from '../api/schema';
import { readAdmin, writeAdmin, type AdminView } from './address';
import { differences, facts, inWords } from './change';
import { lookThrough, stateOf, unitsOf } from './list';

const now = new Date('2026-11-21T08:00:00Z');
const account = (name: string, change: Partial<Account> = {}): Account => ({
  name,
  title: null,
  role: 'officer',
  responsible_units: null,
  disabled: false,
  locked_until: null,
  last_sign_in_at: null,
  password_set_at: null,
  oidc_subject: null,
  ...change,
});
const everyone = { text: '', role: null, state: null };

describe('the list of accounts', () => {
  const accounts = [
    account('zhang', { title: '安亭经办', responsible_units: ['安亭镇'] }),
    account('admin', { role: 'admin' }),
    account('li', { role: 'viewer', disabled: true }),
    account('wang', { responsible_units: ['马陆镇', '安亭镇'], locked_until: '2026-11-21T08:10:00Z' }),
  ];
  const names = (wanted: Parameters<typeof lookThrough>[1]) =>
    lookThrough(accounts, wanted, now).map((it) => it.name);

  it('begins with those who may do most', () => {
    expect(names(everyone)).toEqual(['admin', 'wang', 'zhang', 'li']);
  });

  it('is looked through by words, role and state', () => {
    expect(names({ ...everyone, text: '安亭' })).toEqual(['wang', 'zhang']);
    expect(names({ ...everyone, text: ' ZHANG  经办 ' })).toEqual(['zhang']);
    expect(names({ ...everyone, role: 'officer', state: 'locked' })).toEqual(['wang']);
    expect(names({ ...everyone, text: 'nobody' })).toEqual([]);
  });

  it('says which are shut', () => {
    expect(accounts.map((it) => stateOf(it, now))).toEqual(['active', 'active', 'disabled', 'locked']);
    expect(stateOf(account('a', { locked_until: '2026-11-21T08:00:00Z' }), now)).toBe('active');
  });

  it('offers the units that others have', () => {
    expect(unitsOf(accounts)).toEqual(['安亭镇', '马陆镇']);
  });
});

describe('what an event changed', () => {
  it('is listed member by member', () => {
    const before = { role: 'viewer', disabled: false, responsible_units: ['安亭镇'] };
    const after = { role: 'officer', disabled: false, responsible_units: ['安亭镇'] };
    expect(differences(before, after)).toEqual([{ key: 'role', before: 'viewer', after: 'officer' }]);
    expect(differences(null, { name: 'a', title: null, disabled: false })).toEqual([
      { key: 'name', before: null, after: 'a' },
    ]);
    expect(differences({ name: 'a' }, null)).toEqual([{ key: 'name', before: 'a', after: null }]);
    expect(differences(null, null)).toEqual([]);
    expect(differences([1], [2])).toEqual([]);
    expect(differences(null, 'viewer')).toEqual([{ key: '', before: null, after: 'viewer' }]);
    expect(differences('viewer', null)).toEqual([{ key: '', before: 'viewer', after: null }]);
  });

  it('leaves out of the detail what says nothing', () => {
    expect(facts({ why: 'password', rows: 0, unlock: false, layer: null, units: [], at: '' })).toEqual([
      { key: 'why', value: 'password' },
      { key: 'rows', value: 0 },
    ]);
    expect(facts(null)).toEqual([]);
  });

  it('is written in one line', () => {
    const words = { yes: '是', no: '否', none: '无', comma: '、', title: (key: string) => key.toUpperCase() };
    const line = (it: unknown) => inWords(it, words);
    expect([true, false, null, '', 0, 'a', ['a', 'b'], []].map(line)).toEqual([
      '是',
      '否',
      '无',
      '无',
      '0',
      'a',
      'a、b',
      '无',
    ]);
    expect(line({ read: 448, added: 0, files: ['x'] })).toBe('READ 448、FILES x');
    expect(line({ added: 0 })).toBe('无');
  });
});

describe('the address of the administration', () => {
  const views: AdminView[] = [
    { tab: 'accounts', filter: { account: null, action: null } },
    { tab: 'audit', filter: { account: 'zhang san', action: 'sign_in_failed' } },
    { tab: 'audit', filter: { account: null, action: null } },
  ];
  it.each(views)('is read back as it was written: %j', (view) => {
    expect(readAdmin(writeAdmin(view))).toEqual(view);
  });

  it('passes over what is forged', () => {
    expect(readAdmin('?tab=%00&action=<b>&account=')).toEqual(views[0]);
  });
});
