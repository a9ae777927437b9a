// What the screens look like, beside pictures of how they looked when somebody last looked at them: of the sample district, in the
// container's browser with its fonts. `scripts/e2e appearance --update-snapshots` makes them anew; look at them then.
import { expect, test, type Page } from '@playwright/test';
import { layerTree, someParcelCode, steward, waitForMap } from './support';

test.use({ viewport: { width: 1366, height: 768 } });

/** Another rasteriser moves edges by a grain; a part that moved, or lost its colour, is more than that. */
const alike = { maxDiffPixelRatio: 0.02, timeout: 30_000 };

/** What is of the day or of the session. */
const ofTheDay = (page: Page) => [
  page.locator('.status-bar'),
  page.locator('.session'),
  page.locator('.source-line'),
  page.locator('time'),
];

async function themeWith(page: Page, label: string): Promise<string> {
  const theme = (await layerTree(page)).layers.find(
    (it) => it.role === 'theme' && it.readable && it.legend.some((row) => row.label.zh === label),
  );
  if (!theme) throw new Error(`no theme with ${label}`);
  return theme.id;
}

test('the map as everybody sees it', async ({ page }) => {
  await page.goto('/');
  await waitForMap(page);
  await expect(page).toHaveScreenshot('district.png', { ...alike, mask: ofTheDay(page) });
});

test('signing in', async ({ page }) => {
  await page.goto('/sign-in');
  await expect(page.getByRole('heading').first()).toBeVisible();
  await expect(page).toHaveScreenshot('sign-in.png', alike);
});

test.describe('signed in', () => {
  test.use({ storageState: steward });

  test('the theme of verdicts with its legend', async ({ page }) => {
    await page.goto(`/?l=${await themeWith(page, '低效')},1,1&v=1`);
    await waitForMap(page);
    await expect(page).toHaveScreenshot('verdicts.png', { ...alike, mask: ofTheDay(page) });
  });

  test('a dossier', async ({ page }) => {
    const code = await someParcelCode(page);
    await page.goto(`/d/${code}`);
    await expect(page.getByRole('heading', { name: code })).toBeVisible();
    await page.waitForLoadState('networkidle');
    await expect(page).toHaveScreenshot('dossier.png', { ...alike, mask: ofTheDay(page) });
  });

  test('the figures of the district', async ({ page }) => {
    await page.goto('/board');
    await expect(page.getByRole('heading', { name: '查询统计' })).toBeVisible();
    await page.waitForLoadState('networkidle');
    await expect(page).toHaveScreenshot('figures.png', { ...alike, mask: ofTheDay(page) });
  });
});
