// A planner's walk: look, switch the theme, open a parcel and its evidence, find one by code, take the
// low-efficiency list of the view home, change the language.
import { expect, test, type Page } from '@playwright/test';
import type { Feature, FeatureCollection, MultiPolygon } from 'geojson';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dossier } from '../src/api/schema';
import { decimal } from '../src/format';
import {
  clickParcel,
  difference,
  dossierOf,
  layerTree,
  mapColours,
  mapPicture,
  searchBox,
  steward,
  unzip,
  waitForMap,
  watchErrors,
  webGlAlive,
} from './support';

test.use({ storageState: steward });

const picture = join(import.meta.dirname, '../../docs/screenshot.png');

/** The theme that has a verdict, and its row 低效. */
async function lowTheme(page: Page) {
  const tree = await layerTree(page);
  const theme = tree.layers.find(
    (it) => it.role === 'theme' && it.readable && it.legend.some((row) => row.label.zh === '低效'),
  );
  const index = theme?.legend.findIndex((it) => it.label.zh === '低效') ?? -1;
  const row = theme?.legend[index];
  if (!theme || !row) throw new Error('no theme with a row 低效');
  return { theme, row, index };
}

async function download(page: Page, label: string, format: RegExp): Promise<{ name: string; bytes: Buffer }> {
  await page.getByRole('button', { name: `下载当前视图中的“${label}”` }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: format }).click(),
  ]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
}

test('a planner browses the one map', async ({ page }) => {
  const errors = watchErrors(page);
  await page.goto('/');
  await waitForMap(page);
  const { theme } = await lowTheme(page);

  await test.step('the map is drawn', async () => {
    expect(await webGlAlive(page)).toBe(true);
    expect((await mapColours(page)).size).toBeGreaterThan(50);
    await expect(page).toHaveTitle(/规划一张图.* · 亩图/);
  });

  await test.step('the themes exclude each other and look different', async () => {
    const before = await mapPicture(page);
    const radio = page.getByRole('radio', { name: theme.title.zh, exact: true });
    await radio.check();
    await waitForMap(page);
    await expect(page.locator('.layer-panel input[type="radio"]:checked')).toHaveCount(1);
    expect(page.url()).toContain(`${theme.id},1,1`);
    expect(await difference(page, before, await mapPicture(page))).toBeGreaterThan(0.05);
  });

  await test.step('a click opens a parcel with what the server knows of it', async () => {
    await clickParcel(page);
    const dossier = dossierOf(page);
    await expect(dossier.locator('[data-verdict]')).toBeVisible();
    const code = await dossier.getByRole('heading', { level: 2 }).innerText();
    expect(page.url()).toContain(`sel=${encodeURIComponent(code)}`);
    const known = (await (await page.request.get(`/api/v1/parcels/${code}`)).json()) as Dossier;
    await expect(dossier.locator(`[data-verdict="${known.verdict?.value}"]`)).toBeVisible();
    await expect(dossier).toContainText(`${decimal(known.area_mu, 2)} 亩`);
    await expect(dossier).toContainText(String(known.address));

    await dossier.getByRole('tab', { name: '企业' }).click();
    for (const it of known.enterprises) {
      await expect(dossier.getByRole('tabpanel', { name: '企业' })).toContainText(it.uscc);
    }
    await dossier.getByRole('tab', { name: '效益' }).click();
    for (const it of known.years) {
      await expect(dossier.getByRole('columnheader', { name: String(it.year) })).toBeVisible();
    }
    await dossier.getByRole('tab', { name: '规划' }).click();
    for (const it of known.plan) {
      await expect(dossier.getByRole('tabpanel', { name: '规划' })).toContainText(it.title.zh);
    }
    await dossier.getByRole('tab', { name: '判定依据' }).click();
    for (const it of known.verdict?.evidence ?? []) {
      const rule = dossier.locator('.rule').filter({ hasText: it.title.zh }).first();
      await expect(rule).toContainText(it.sentence.zh);
      await expect(rule.locator('code').first()).toHaveText(it.when);
      await expect(rule.locator('.result')).toHaveText(
        { true: '满足', false: '不满足', unknown: '待核实' }[it.result],
      );
      await expect(rule.locator('.input:not(.threshold)')).toHaveCount(Object.keys(it.inputs).length);
      await expect(rule.locator('.threshold')).toHaveCount(Object.keys(it.thresholds ?? {}).length);
    }
  });
  expect(errors).toEqual([]);
});

test('the low-efficiency list of the view goes home as XLSX and GeoJSON', async ({ page }) => {
  const { theme, row, index } = await lowTheme(page);
  await page.goto(`/?l=${theme.id},1,1&v=1`);
  await waitForMap(page);
  const shown = page.locator('.legend li').filter({ hasText: row.label.zh }).first();
  await expect(shown).toContainText(String(row.count));

  const file = await download(page, row.label.zh, /GeoJSON/);
  expect(file.name).toMatch(/\.geojson$/);
  const list = JSON.parse(file.bytes.toString()) as FeatureCollection;
  // The first view holds the whole district.
  expect(list.features.length).toBe(row.count);
  expect(new Set(list.features.map((it) => it.properties?.['verdict']))).toEqual(new Set(['low']));

  const sheet = await download(page, row.label.zh, /XLSX/);
  expect(sheet.name).toMatch(/\.xlsx$/);
  const rows = unzip(sheet.bytes).get('xl/worksheets/sheet1.xml') ?? '';
  expect(rows.match(/<row /g)?.length).toBe(list.features.length + 1);
  for (const it of list.features) expect(rows).toContain(String(it.properties?.['parcel_code']));

  await test.step('a smaller view has fewer of them', async () => {
    const some = list.features[0]?.properties?.['parcel_code'] as string;
    await searchBox(page).fill(some);
    await searchBox(page).press('Enter');
    await expect(dossierOf(page).getByRole('heading', { level: 2 })).toHaveText(some);
    await waitForMap(page);
    const near = JSON.parse(
      (await download(page, row.label.zh, /GeoJSON/)).bytes.toString(),
    ) as FeatureCollection;
    const codes = near.features.map((it) => it.properties?.['parcel_code'] as string);
    expect(codes).toContain(some);
    expect(codes.length).toBeLessThan(list.features.length);
  });

  await test.step('a row switched off is off the map', async () => {
    const before = await mapPicture(page);
    await page.getByRole('checkbox', { name: `显示“${row.label.zh}”` }).uncheck({ force: true });
    await expect(page).toHaveURL(new RegExp(`f=${theme.id},${index}`));
    await waitForMap(page);
    expect(await difference(page, before, await mapPicture(page))).toBeGreaterThan(0.02);
  });
});

test('a code is found by its end, and its link shows a colleague the same', async ({ page, context }) => {
  const { theme } = await lowTheme(page);
  const found = await page.request.get(`/ogc/collections/${theme.id}/items?verdict=low&limit=1`);
  const code = ((await found.json()) as FeatureCollection).features[0]?.properties?.['parcel_code'] as string;
  await page.goto(`/?l=${theme.id},1,1&v=1`);
  await waitForMap(page);

  await searchBox(page).fill(code.slice(-11));
  await expect(page.locator('.search-result').first()).toContainText(code);
  await searchBox(page).press('Enter');
  const dossier = dossierOf(page);
  await expect(dossier.getByRole('heading', { level: 2 })).toHaveText(code);
  await expect(dossier.locator('[data-verdict="low"]')).toBeVisible();
  await waitForMap(page);
  await dossier.getByRole('tab', { name: '判定依据' }).click();
  await expect(dossier.locator('.rule.true.low').first()).toBeVisible();

  await test.step('the link', async () => {
    const other = await context.newPage();
    await other.goto(page.url());
    await waitForMap(other);
    await expect(other.getByRole('radio', { name: theme.title.zh, exact: true })).toBeChecked();
    await expect(dossierOf(other)).toContainText(code);
    const place = /#map=[\d.]+\/[\d.]+\/[\d.]+/;
    expect(other.url().match(place)?.[0]).toBe(page.url().match(place)?.[0]);
    expect((await mapColours(other)).size).toBeGreaterThan(20);
    await other.close();
  });

  await test.step('everything is there in English, at the same place', async () => {
    const before = new URL(page.url()).hash;
    await page.getByText('EN', { exact: true }).click();
    await waitForMap(page);
    await expect(dossier).toContainText('Low efficiency');
    await expect(page.getByRole('radio', { name: theme.title.en, exact: true })).toBeChecked();
    await expect(page.locator('html')).toHaveAttribute('lang', 'en');
    expect(new URL(page.url()).hash).toBe(before);
    await expect(page.locator('.layer-panel')).not.toContainText(/[一-鿿]/);
  });

  await test.step('the dossier has a page of its own', async () => {
    await page.goto(`/d/${encodeURIComponent(code)}`);
    await expect(page.getByRole('heading', { level: 2, name: code })).toBeVisible();
    await expect(page.getByRole('heading', { level: 3, name: 'Evidence' })).toBeVisible();
    await page.getByRole('link', { name: 'Show on the map' }).click();
    await waitForMap(page);
    await expect(dossierOf(page)).toContainText(code);
  });
});

test('the picture of the README', async ({ page }) => {
  const { theme } = await lowTheme(page);
  const [west = 0, south = 0, east = 0, north = 0] = (await layerTree(page)).bounds ?? [];
  const [lon, lat] = [(west + east) / 2, (south + north) / 2];
  const found = await page.request.get(`/ogc/collections/${theme.id}/items?verdict=low&limit=1000`);
  const apart = (it: Feature) => {
    const [x = 0, y = 0] = (it.geometry as MultiPolygon).coordinates[0]?.[0]?.[0] ?? [];
    return Math.hypot(x - lon, y - lat);
  };
  const low = ((await found.json()) as FeatureCollection).features.sort((a, b) => apart(a) - apart(b))[0];
  const code = String(low?.properties?.['parcel_code']);
  await page.goto(`/?l=${theme.id},1,1&sel=${code}&v=1#map=14.7/${lat}/${lon}`);
  await dossierOf(page).getByRole('tab', { name: '判定依据' }).click();
  await expect(dossierOf(page).locator('.rule.true.low').first()).toBeVisible();
  await waitForMap(page);
  await page.screenshot({ path: picture });
});

test('Enter takes the first result, and Back undoes it', async ({ page }) => {
  const [lon, lat] = (await layerTree(page)).layers.find((it) => it.identify)?.data.bounds ?? [121.25, 31.38];
  await page.goto(`/#map=12/${lat}/${lon}`);
  await waitForMap(page);
  const box = searchBox(page);
  await box.fill('121.25, 31.38');
  await expect(page.locator('.search-result').first()).toBeVisible();
  await box.press('Enter');
  await expect(page).toHaveURL(/31\.38\d*\/121\.25/);
  await box.fill('no such thing at all');
  await expect(page.getByRole('status')).toContainText('没有找到');
  await box.fill('GB00001');
  await box.press('Enter');
  await expect(page.locator('[data-verdict]')).toBeVisible();
  await page.goBack();
  await expect(page.locator('[data-verdict]')).toBeHidden();
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
