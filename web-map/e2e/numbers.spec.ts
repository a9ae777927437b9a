// The board and the layers page: every number opens exactly its rows, every mark leads to the map.
import { expect, test, type Locator, type Page } from '@playwright/test';
import { expectAccessible, picture } from './checks';
import { steward, waitForMap, watchErrors } from './support';

test.use({ viewport: { width: 1366, height: 768 } });

const digits = async (it: Locator) => Number((await it.textContent())?.replace(/[^\d]/g, ''));

/** Opens a number and finds as many rows as it says. */
async function expectRows(page: Page, number: Locator): Promise<void> {
  const said = await digits(number);
  await number.click();
  const drawer = page.getByRole('dialog');
  await expect(drawer.getByText(`共 ${said.toLocaleString('en-US')} 行`)).toBeVisible();
  await expect(drawer.locator('tbody .ant-table-row')).toHaveCount(Math.min(50, said));
  await expect(page).toHaveURL(/rows=/);
}

async function closeRows(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
}

test.describe('a steward', () => {
  test.use({ storageState: steward });

  test('numbers open their rows, classes lead to the map, gaps name who supplies', async ({ page }) => {
    const errors = watchErrors(page);
    await page.goto('/board');
    await expect(page.getByRole('heading', { name: '查询统计' })).toBeVisible();
    const totals = page.getByRole('region', { name: '全区合计' });
    await expect(totals).toContainText('亩均税收');
    await expectRows(page, totals.getByRole('button').first());
    // The address opens the same rows again.
    await page.reload();
    await expect(page.getByRole('dialog').getByText(/^共 [\d,]+ 行$/)).toBeVisible();
    await closeRows(page);

    const low = page.getByRole('region', { name: '低效用地' });
    await expectRows(page, low.getByRole('row', { name: /^低效/ }).getByRole('button'));
    await expect(page.getByRole('dialog').locator('code.where')).toContainText('low');
    await closeRows(page);

    const composition = page.getByRole('region', { name: '构成对比' });
    await expectRows(page, composition.locator('.numbers button').first());
    await closeRows(page);
    const ranking = page.getByRole('region', { name: '排名' });
    const rows = ranking.locator('tbody tr');
    const parcels = await digits(totals.getByRole('button').first());
    let sum = 0;
    for (const row of await rows.all()) sum += await digits(row.getByRole('button').last());
    expect(sum).toBe(parcels);
    await expect(page.getByRole('region', { name: '数据完整度' }).first()).toContainText('提供');
    await expectAccessible(page);
    await picture(page, 'board', true);

    await low.getByRole('link', { name: '低效', exact: true }).click();
    await waitForMap(page);
    await expect(page).toHaveURL(/l=.*,1,1.*f=/);
    expect(errors).toEqual([]);
  });
});

test('the public sees what is public, and is told what it does not see', async ({ page }) => {
  const errors = watchErrors(page);
  await page.addInitScript(() => localStorage.setItem('mutu-language', 'en'));
  await page.goto('/board');
  await expect(page.getByRole('heading', { name: 'Figures' })).toBeVisible();
  await expect(page.getByText(/Shown to those who have signed in and may see them: .*Tax/)).toBeVisible();
  await expect(page.getByText(/Shown to those who have signed in.*Low-efficiency land/)).toBeVisible();
  await expect(page.getByRole('region', { name: 'Totals of the district' })).not.toContainText('Tax');
  await expect(page.getByRole('region', { name: 'Lists and targets' })).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Ranking' }).locator('tbody tr').first()).toBeVisible();
  // A forged link shows no rows of a closed layer.
  await page.goto('/board?rows=low_efficiency&where=true');
  await expect(page.getByRole('dialog')).toContainText('not open to you');
  await page.goto('/board?rows=parcels&where=secret%20%3D%201');
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('secret');
  // The refusal is the browser's, too.
  expect(errors.filter((it) => !it.includes('400'))).toEqual([]);
  await page.goto('/board');
  await expect(
    page.getByRole('region', { name: 'Completeness' }).first().locator('tbody tr').first(),
  ).toBeVisible();
  await expectAccessible(page);
});

test('a layer has its date, its completeness, addresses and files', async ({ page }) => {
  const errors = watchErrors(page);
  await page.goto('/layers?layer=parcels');
  await expect(page.getByRole('heading', { name: '图层目录' })).toBeVisible();
  const list = page.getByRole('navigation', { name: '图层目录' });
  await expect(list.getByRole('button', { name: /现状工业用地/ })).toHaveAttribute('aria-current', 'true');
  // The file of the last import, whichever walk made it.
  await expect(page.getByText(/^[^/]+\.(gpkg|geojson)$/).first()).toBeVisible();
  await expect(page.getByLabel('ArcGIS Pro（要素服务）', { exact: true })).toContainText(
    /^http.*\/arcgis\/rest\/services\/parcels\/FeatureServer$/,
  );
  const quality = page.getByRole('region', { name: '完整度' });
  await expect(quality.getByText(/总体 \d+\.\d%/)).toBeVisible();
  await expect(quality.getByText(/个字段当前身份不能查看/)).toBeVisible();
  const row = quality.getByRole('row').filter({ hasText: 'parcel_code' });
  await expect(row).toContainText('100.0%');

  const file = page.waitForEvent('download');
  await page.getByRole('button', { name: 'QGIS 图层文件' }).click();
  expect((await file).suggestedFilename()).toBe('现状工业用地.qlr');
  const csv = page.waitForEvent('download');
  await page.getByRole('button', { name: /CSV$/ }).click();
  expect((await csv).suggestedFilename()).toContain('.csv');
  await expectAccessible(page);
  await picture(page, 'layers', true);

  await list
    .getByRole('button', { name: /低效用地/ })
    .first()
    .click();
  await expect(page.getByText(/此图层需要/)).toBeVisible();
  await expect(page.getByRole('button', { name: /CSV$/ })).toHaveCount(0);
  expect(errors).toEqual([]);
});
