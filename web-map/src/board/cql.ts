// CQL2 text of what a number on the board stands for. Pure. Fields are those that the server named; values are quoted.
import type { Key } from '../api/stats';

export function equals(field: string, value: Key): string {
  if (value === null) return `${field} IS NULL`;
  if (typeof value === 'boolean') return `${field} = ${value ? 'TRUE' : 'FALSE'}`;
  if (typeof value === 'number') return `${field} = ${value}`;
  return `${field} = '${value.replaceAll("'", "''")}'`;
}

export function isMissing(field: string): string {
  return `${field} IS NULL`;
}

/** All of them; null where there is no condition. */
export function all(...parts: readonly (string | null)[]): string | null {
  const said = parts.filter((it) => it !== null);
  if (said.length < 2) return said[0] ?? null;
  return said.map((it) => `(${it})`).join(' AND ');
}
