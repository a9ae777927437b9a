import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const layers = join(import.meta.dirname, '../../../layers');
const source = join(import.meta.dirname, '..');
const ids = existsSync(layers)
  ? readdirSync(layers, { withFileTypes: true })
      .filter((it) => it.isDirectory())
      .map((it) => it.name)
  : [];

it.skipIf(ids.length === 0)('names no layer: adding one is adding its folder', () => {
  const named = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((it) => /\.(tsx?|json|css)$/.test(it))
    .flatMap((file) => {
      const text = readFileSync(join(source, file), 'utf8');
      return ids.filter((id) => new RegExp(`['"\`]${id}['"\`]`).test(text)).map((id) => `${file}: ${id}`);
    });
  expect(named).toEqual([]);
});
