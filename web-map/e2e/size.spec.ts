// What a cold browser loads until the map is there, as it goes over the wire with brotli.
import { expect, test } from '@playwright/test';
import { brotliCompressSync } from 'node:zlib';
import { waitForMap } from './support';

/** 0.8 MB: fine on an intranet, acceptable on 4G. */
const budget = 800_000;

test('shell and map are below their budget', async ({ page }) => {
  const bodies: Promise<{ name: string; bytes: Buffer }>[] = [];
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    const isBuilt = pathname === '/' || pathname.startsWith('/assets/') || pathname === '/favicon.svg';
    if (isBuilt) bodies.push(response.body().then((bytes) => ({ name: pathname, bytes })));
  });
  await page.goto('/');
  await waitForMap(page);
  const files = await Promise.all(bodies);
  const names = files.map((it) => it.name);
  // Without these three the sum would be of something else.
  expect(names).toContain('/');
  expect(names.some((it) => it.includes('maplibre-gl-worker'))).toBe(true);
  expect(names.some((it) => it.endsWith('.css'))).toBe(true);
  const sizes = files.map((it) => ({ name: it.name, size: brotliCompressSync(it.bytes).length }));
  const total = sizes.reduce((sum, it) => sum + it.size, 0);
  const heaviest = sizes.sort((a, b) => b.size - a.size).slice(0, 6);
  const said = heaviest.map((it) => `${it.name} ${it.size}`).join('\n');
  test.info().annotations.push({ type: 'bytes', description: `${total} in ${sizes.length} files\n${said}` });
  expect(total, said).toBeLessThan(budget);
});
