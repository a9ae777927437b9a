// The server's own test keeps docs/openapi.json current; this one keeps the types made from it so.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import openapiTs, { astToString } from 'openapi-typescript';
import { expect, it } from 'vitest';

it('has the types of the committed OpenAPI document (else: npm run generate)', async () => {
  const document = pathToFileURL(join(import.meta.dirname, '../../../docs/openapi.json'));
  const committed = readFileSync(join(import.meta.dirname, 'schema.gen.ts'), 'utf8');
  const made = astToString(await openapiTs(document));
  expect(committed.endsWith(made)).toBe(true);
});
