import { expect, it } from 'vitest';
import en from './en.json';
import zh from './zh.json';

function keys(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => keys(inner, `${path}.${key}`));
}

it('says everything in both languages', () => {
  expect(keys(en)).toEqual(keys(zh));
});
