// Without a mouse: to the search box and to a parcel, then around the map and to another.
import { expect, test } from '@playwright/test';
import { dossierOf, searchBox, waitForMap } from './support';

test('the keyboard reaches the search, the map and a dossier', async ({ page }) => {
  await page.goto('/');
  await waitForMap(page);
  for (let step = 0; step < 10; step += 1) {
    if (await searchBox(page).evaluate((it) => it === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await expect(searchBox(page)).toBeFocused();
  await page.keyboard.type('GB00001');
  await page.keyboard.press('Enter');
  const heading = dossierOf(page).getByRole('heading', { level: 2 });
  await expect(heading).toContainText('GB00001');
  await waitForMap(page);
  const code = await heading.innerText();

  await test.step('Escape closes it, Enter on the map opens what lies at the crosshair', async () => {
    await page.locator('.map canvas').focus();
    await page.keyboard.press('Escape');
    await expect(dossierOf(page)).toBeHidden();
    await waitForMap(page);
    await expect(page.locator('.crosshair')).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(heading).toHaveText(code);
  });

  await test.step('the arrows move the map', async () => {
    const before = page.url();
    await page.locator('.map canvas').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.url()).not.toBe(before);
  });
});
