import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { en, zh } from './texts';

function keys(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => keys(inner, `${path}.${key}`));
}

it('says everything in both languages', () => {
  expect(keys(en)).toEqual(keys(zh));
});

it('has every text that a screen asks for by its whole name', () => {
  const said = new Set(keys(zh).map((it) => it.slice(1)));
  const source = join(import.meta.dirname, '..');
  const asked = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((it) => /\.tsx?$/.test(it) && !it.includes('.test.'))
    .flatMap((file) => {
      const text = readFileSync(join(source, file), 'utf8');
      return [...text.matchAll(/\bt\(\s*'([\w.]+)'/g)].map((it) => it[1] ?? '');
    });
  expect(asked.length).toBeGreaterThan(200);
  expect(asked.filter((it) => !said.has(it))).toEqual([]);
});

it('says each thing once: of two keys of one name the first would be lost without a word', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((it) =>
    it.endsWith('.json'),
  );
  expect(files.length).toBeGreaterThan(40);
  for (const file of files) {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"\s*:/g)].length;
    const read = members(JSON.parse(text) as unknown);
    expect([file, written]).toEqual([file, read]);
  }
});

function members(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, it) => sum + 1 + members(it), 0);
}
