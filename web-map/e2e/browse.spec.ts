// A planner's walk: look, switch the theme, open a parcel and its evidence, find one by code, take the
// low-efficiency list of the view home, change the language.
import { expect, test } from '@playwright/test';
import type { FeatureCollection } from 'geojson';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clickParcel, layerTree, mapColours, waitForMap, watchErrors, webGlAlive } from './support';

const picture = join(import.meta.dirname, '../../docs/screenshot.png');

test('a planner browses the one map', async ({ page }) => {
  const errors = watchErrors(page);
  await page.goto(process.env['MUTU_SIGN_IN_URL'] ?? '/');
  await waitForMap(page);
  const tree = await layerTree(page);

  await test.step('the map is drawn', async () => {
    expect(await webGlAlive(page)).toBe(true);
    expect(await mapColours(page)).toBeGreaterThan(50);
  });

  await test.step('a click opens a parcel with its evidence', async () => {
    await clickParcel(page);
    const dossier = page.getByRole('complementary', { name: '地块档案' });
    await expect(dossier.locator('[data-verdict]')).toBeVisible();
    const code = await dossier.getByRole('heading', { level: 2 }).innerText();
    expect(page.url()).toContain(`sel=${encodeURIComponent(code)}`);
    await expect(dossier.getByText('证载面积', { exact: true })).toBeVisible();
    for (const tab of ['企业', '效益', '规划', '判定依据']) {
      await dossier.getByRole('tab', { name: tab }).click();
      await expect(dossier.getByRole('tabpanel', { name: tab })).not.toBeEmpty();
    }
    await expect(dossier.getByText('条件（CQL2）').first()).toBeVisible();
    await expect(dossier.getByText(/^\s*(满足|不满足|待核实)$/).first()).toBeVisible();
    await dossier.getByRole('tab', { name: '概况' }).click();
    await waitForMap(page);
    await page.screenshot({ path: picture });
  });

  const theme = tree.layers.find(
    (it) => it.role === 'theme' && it.readable && it.fields.some((field) => field.name === 'verdict'),
  );
  const row = theme?.legend.find((it) => it.label.zh === '低效');
  if (!theme || !row) throw new Error('no theme with a verdict and a row 低效');

  await test.step('the themes exclude each other', async () => {
    const radio = page.getByRole('radio', { name: theme.title.zh, exact: true });
    await radio.click();
    await expect(radio).toBeChecked();
    await waitForMap(page);
    await expect(page.locator('.layer-panel input[type="radio"]:checked')).toHaveCount(1);
    expect(page.url()).toContain(`${theme.id},1,1`);
    expect(await mapColours(page)).toBeGreaterThan(50);
  });

  const low = await test.step('the low-efficiency list of the view is two clicks', async () => {
    const save = async (format: RegExp) => {
      await page.getByRole('button', { name: `下载当前视图中的“${row.label.zh}”` }).click();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: format }).click(),
      ]);
      return readFile(await file.path());
    };
    const sheet = await save(/XLSX/);
    expect(sheet.subarray(0, 2).toString()).toBe('PK');
    const list = JSON.parse((await save(/GeoJSON/)).toString()) as FeatureCollection;
    expect(list.features.length).toBeGreaterThan(0);
    expect(new Set(list.features.map((it) => it.properties?.['verdict']))).toEqual(new Set(['low']));
    return String(list.features[0]?.properties?.['parcel_code']);
  });

  await test.step('a code is found, flown to and explained', async () => {
    const box = page.getByRole('combobox', { name: '搜索' });
    await box.fill(low);
    await box.press('Enter');
    const dossier = page.getByRole('complementary', { name: '地块档案' });
    await expect(dossier.getByRole('heading', { level: 2 })).toHaveText(low);
    await expect(dossier.locator('[data-verdict="low"]')).toBeVisible();
    await dossier.getByRole('tab', { name: '判定依据' }).click();
    await expect(dossier.locator('.rule.true.low').first()).toBeVisible();
    await waitForMap(page);
  });

  await test.step('the link shows a colleague the same', async () => {
    await page.reload();
    await waitForMap(page);
    await expect(page.getByRole('radio', { name: theme.title.zh, exact: true })).toBeChecked();
    await expect(page.getByRole('complementary', { name: '地块档案' })).toContainText(low);
  });

  await test.step('everything is there in English', async () => {
    await page.getByText('EN', { exact: true }).click();
    await waitForMap(page);
    await expect(page.getByRole('complementary', { name: 'Parcel dossier' })).toContainText('Low efficiency');
    await expect(page.getByRole('radio', { name: theme.title.en, exact: true })).toBeChecked();
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  });

  await test.step('the dossier has a page of its own', async () => {
    await page.goto(`/d/${encodeURIComponent(low)}`);
    await expect(page.getByRole('heading', { level: 2, name: low })).toBeVisible();
    await expect(page.getByRole('heading', { level: 3, name: 'Evidence' })).toBeVisible();
    await page.getByRole('link', { name: 'Show on the map' }).click();
    await waitForMap(page);
    await expect(page.getByRole('complementary', { name: 'Parcel dossier' })).toContainText(low);
  });

  expect(errors).toEqual([]);
});

test('the public sees no tax figure of a parcel', async ({ page }) => {
  await page.goto('/');
  await waitForMap(page);
  await clickParcel(page);
  const dossier = page.getByRole('complementary', { name: '地块档案' });
  await dossier.getByRole('tab', { name: '效益' }).click();
  await expect(dossier.getByRole('tabpanel', { name: '效益' }).getByText('无权限查看').first()).toBeVisible();
});

test('Enter takes the first result, and Back undoes it', async ({ page }) => {
  await page.goto('/#map=12/31.3/121.2');
  await waitForMap(page);
  const box = page.getByRole('combobox', { name: '搜索' });
  await box.fill('121.25, 31.38');
  await expect(page.locator('.search-result').first()).toBeVisible();
  await box.press('Enter');
  await expect(page).toHaveURL(/31\.38\d*\/121\.25/);
  await clickParcel(page);
  await expect(page.locator('[data-verdict]')).toBeVisible();
  await page.goBack();
  await expect(page.locator('[data-verdict]')).toBeHidden();
  await box.fill('no such thing at all');
  await expect(page.getByRole('status')).toContainText('没有找到');
});

test('the coordinates are read in three ways', async ({ page }) => {
  await page.goto('/#map=14/31.38/121.25');
  await waitForMap(page);
  const shown = page.getByRole('button', { name: '坐标' });
  await expect(shown).toHaveText('121.250000, 31.380000');
  const choose = async (format: RegExp) => {
    await page.getByRole('combobox', { name: '坐标格式' }).click();
    await page.getByTitle(format).last().click();
  };
  await choose(/度分秒/);
  await expect(shown).toHaveText('121°15′00.00″E  31°22′48.00″N');
  await choose(/EPSG:4549/);
  await expect(shown).toHaveText('X 3473781.44  Y 618908.66');
});
