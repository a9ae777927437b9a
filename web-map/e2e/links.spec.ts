// Links are typed, cut and forged: whatever the address says, the map comes up.
import { expect, test } from '@playwright/test';
import { difference, layerTree, mapPicture, waitForMap, watchErrors } from './support';

const hostile = [
  '/?l=%00,1,1&f=;;;,,,&sel=%0A&v=1#map=NaN/x/y',
  '/?l=no_such_layer,1,1;block_class,9,9;__proto__,1,1;constructor,1,0&f=__proto__,0;towns,99&v=1',
  `/?l=${'a,1,1;'.repeat(3000)}&v=1`,
  '/?v=999&sel=<script>alert(1)</script>#map=99/91/181',
  '/?sel=%E0%A4%A&v=1#map=1e9/-91/1e9',
  '/?sel=..%2F..%2Fsession&v=1',
];

for (const link of hostile) {
  test(`the map comes up from ${link.slice(0, 60)}`, async ({ page }) => {
    const errors = watchErrors(page);
    await page.goto(link);
    await waitForMap(page);
    await expect(page.locator('.layer-panel input[type="radio"]:checked')).toHaveCount(1);
    // A parcel that does not exist is a 404, which browsers note as an error.
    expect(errors.filter((it) => !/404|400/.test(it))).toEqual([]);
  });
}

test('a reload shows the same view', async ({ page }) => {
  const tree = await layerTree(page);
  const other = tree.layers.find((it) => it.role === 'theme' && it.readable && !it.visible);
  const overlay = tree.layers.find((it) => it.role === 'overlay' && it.readable && !it.visible);
  if (!other || !overlay) throw new Error('no second theme or hidden overlay');
  await page.goto('/');
  await waitForMap(page);
  await page.getByRole('radio', { name: other.title.zh, exact: true }).check();
  await page.getByRole('checkbox', { name: overlay.title.zh, exact: true }).check();
  await page.locator('.maplibregl-ctrl-zoom-in').click();
  await waitForMap(page);
  await page.mouse.move(5, 5);
  const [address, before] = [page.url(), await mapPicture(page)];
  await page.reload();
  await waitForMap(page);
  expect(page.url()).toBe(address);
  await expect(page.getByRole('radio', { name: other.title.zh, exact: true })).toBeChecked();
  await expect(page.getByRole('checkbox', { name: overlay.title.zh, exact: true })).toBeChecked();
  // The address rounds the zoom, which moves the edge of the picture by a pixel.
  expect(await difference(page, before, await mapPicture(page))).toBeLessThan(0.05);
});
