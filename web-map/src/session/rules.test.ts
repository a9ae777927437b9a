import { expect, it } from 'vitest';
import { passwordRules } from './rules';

const unmet = (password: string, account = 'zhang') =>
  passwordRules(password, account)
    .filter((it) => !it.met)
    .map((it) => it.key);

it('says which rules a password does not meet, as the server would', () => {
  expect(unmet('Quiet-Harbour7')).toEqual([]);
  expect(unmet('安静的港口Harbour7')).toEqual([]);
  expect(unmet('Quiet-Ha7')).toEqual(['length']);
  expect(unmet('quietharbour7')).toEqual(['kinds']);
  expect(unmet('')).toEqual(['length', 'kinds', 'account']);
  expect(unmet('Zhang-Harbour7')).toEqual(['account']);
  expect(unmet('安亭Harbour77', '安亭')).toEqual(['account']);
  expect(unmet('Quiet-Lilies7', 'li')).toEqual([]);
  // Ten characters, though twenty UTF-16 units.
  expect(unmet('𠮷𠮷𠮷𠮷𠮷𠮷𠮷aA')).toEqual(['length']);
});

it('takes the numbers of the installation', () => {
  expect(passwordRules('abcd', 'zhang', { min_length: 4, min_kinds: 1 }).every((it) => it.met)).toBe(true);
});
