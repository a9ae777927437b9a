// Offices have no internet: nothing may be asked of any other host.
import { expect, test } from '@playwright/test';
import { clickParcel, takeOffline, waitForMap } from './support';

test('no foreign host is asked', async ({ page, baseURL }) => {
  const foreign = await takeOffline(page, baseURL);
  await page.goto('/');
  await waitForMap(page);
  await clickParcel(page);
  await expect(page.locator('[data-verdict]')).toBeVisible();
  const themes = page.locator('.layer-panel input[type="radio"]:enabled');
  for (let index = 0; index < (await themes.count()); index += 1) {
    await themes.nth(index).check({ force: true });
    await waitForMap(page);
  }
  await page.getByText('EN', { exact: true }).click();
  await waitForMap(page);
  await page.getByRole('link', { name: 'Full page' }).click();
  await expect(page.locator('[data-verdict]')).toBeVisible();
  expect(foreign).toEqual([]);
});
