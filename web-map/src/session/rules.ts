// The rules for a new password, ticked while one types. Pure. They help; the server decides, which also knows common
// passwords and those used before.

import type { PasswordRules } from '../api/schema';

/** The server's numbers where an installation has not chosen others, until it has answered. */
export const usualNumbers: PasswordRules = { min_length: 10, min_kinds: 3 };

/** Lower case, capitals, digits, everything else. */
const kinds = [/\p{Lowercase}/u, /\p{Uppercase}/u, /\p{N}/u, /[^\p{Lowercase}\p{Uppercase}\p{N}]/u];

export type Rule = { key: 'length' | 'kinds' | 'account'; least: number; met: boolean };

export function passwordRules(
  password: string,
  account: string,
  numbers: PasswordRules = usualNumbers,
): Rule[] {
  // Characters, not UTF-16 units.
  const length = [...password].length;
  const kindsUsed = kinds.filter((it) => it.test(password)).length;
  const named = password.toLowerCase().includes(account.toLowerCase());
  return [
    { key: 'length', least: numbers.min_length, met: length >= numbers.min_length },
    { key: 'kinds', least: numbers.min_kinds, met: kindsUsed >= numbers.min_kinds },
    // A name of one or two letters is in too many words to mean anything.
    { key: 'account', least: 0, met: length > 0 && (!named || /^[\x20-\x7e]{0,2}$/.test(account)) },
  ];
}
