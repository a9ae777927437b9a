// Who is not signed in sees the land, and no figure that derives from tax.
import { expect, test } from '@playwright/test';
import { clickParcel, dossierOf, layerTree, waitForMap } from './support';

test('the public sees no tax figure, verdict or enterprise of a parcel', async ({ page }) => {
  const answers: string[] = [];
  page.on('response', async (response) => {
    if (response.url().includes('/api/v1/parcels/')) answers.push(await response.text());
  });
  await page.goto('/');
  await waitForMap(page);
  await clickParcel(page);
  const dossier = dossierOf(page);
  await expect(dossier.locator('[data-verdict="withheld"]')).toContainText('登录后可查看');
  for (const tab of ['企业', '效益', '判定依据']) {
    await dossier.getByRole('tab', { name: tab }).click();
    await expect(dossier.getByRole('tabpanel', { name: tab })).toHaveText('登录后可查看');
  }
  await expect.poll(() => answers.length).toBeGreaterThan(0);
  for (const it of answers) expect(it).not.toMatch(/"(tax_wan|tax_wan_per_mu|output_wan)":/);
});

test('a locked layer says to sign in', async ({ page }) => {
  const locked = (await layerTree(page)).layers.find((it) => it.role === 'theme' && !it.readable);
  if (!locked) throw new Error('no theme is locked to the public');
  await page.goto(`/?l=${locked.id},1,1&v=1`);
  await waitForMap(page);
  const radio = page.getByRole('radio', { name: locked.title.zh, exact: true });
  await expect(radio).toBeDisabled();
  await expect(radio).not.toBeChecked();
  await page
    .getByRole('img', { name: /登录后可查看/ })
    .first()
    .hover();
  await expect(page.getByRole('tooltip')).toContainText('登录后可查看');
  expect((await page.request.get(`/tiles/${locked.id}/10/0/0`)).ok()).toBe(false);
  expect((await page.request.get(`/api/v1/layers/${locked.id}/export?format=geojson`)).ok()).toBe(false);
});
