// What the plans allow: checked for pasted codes, pieces on the map, a site for a project, land to give back.
import { expect, test, type Page } from '@playwright/test';
import { steward, waitForMap, watchErrors } from './support';

test.use({ storageState: steward, viewport: { width: 1366, height: 768 } });

async function codes(page: Page, outcome: string): Promise<string[]> {
  const response = await page.request.get(
    `/ogc/collections/conformity/items?f=json&limit=2&outcome=${outcome}`,
  );
  const { features } = (await response.json()) as { features: { properties: { parcel_code: string } }[] };
  return features.map((it) => it.properties.parcel_code);
}

test('pasted codes are held against the plans, clause by clause', async ({ page }) => {
  const errors = watchErrors(page);
  await page.goto('/');
  await page.getByRole('link', { name: '规划选址' }).click();
  await expect(page.getByRole('heading', { name: '规划与选址' })).toBeVisible();
  const failing = (await codes(page, 'fail'))[0];
  if (!failing) throw new Error('the sample has no parcel that fails');
  await page.getByRole('textbox', { name: '宗地代码' }).fill(`${failing}，NO-SUCH-CODE`);
  await page.getByRole('button', { name: /核\s*对/ }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'NO-SUCH-CODE' })).toBeVisible();
  const card = page.locator('.conformity-card');
  await expect(card).toHaveCount(1);
  await expect(card.locator('.conformity-head')).toContainText('不符合');
  await expect(card.getByRole('row')).toHaveCount(7);
  await expect(card).toContainText('修订');
  // What is given back need not keep what is built.
  await page.getByRole('combobox', { name: '处置路径' }).click();
  await page.locator('.ant-select-item-option', { hasText: '减量化' }).click();
  await page.getByRole('button', { name: /核\s*对/ }).click();
  await expect(card.locator('.conformity-head')).not.toContainText('不符合');
  expect(errors).toEqual([]);
});

test('a piece that is chosen in the list is shown on the map', async ({ page }) => {
  const errors = watchErrors(page);
  await page.goto('/planning');
  await page.getByRole('tab', { name: '连片低效用地' }).click();
  await expect(page).toHaveURL(/tab=assemble/);
  await page.getByRole('spinbutton', { name: '至少（亩）' }).fill('10');
  await page.getByRole('spinbutton', { name: '间距不超过（米）' }).fill('60');
  await page.getByRole('button', { name: '重新组合' }).click();
  const first = page.locator('.planning-map tbody tr.ant-table-row').first();
  await expect(first).toBeVisible();
  await waitForMap(page);
  await first.click();
  await expect(first).toHaveClass(/chosen/);
  await first.getByRole('button').first().click();
  await expect(page.locator('.members li').nth(1)).toBeVisible();
  expect(errors).toEqual([]);
});

test('a project finds land with its reasons, and land is found to give back', async ({ page }) => {
  const errors = watchErrors(page);
  await page.goto('/planning?tab=sites');
  await page.getByRole('button', { name: /查\s*找/ }).click();
  await expect(page.getByText('请填土地亩数或厂房面积')).toBeVisible();
  await page.getByRole('spinbutton', { name: '需要土地（亩）' }).fill('10');
  await page.getByRole('spinbutton', { name: '容积率' }).fill('1.2');
  await page.getByRole('button', { name: /查\s*找/ }).click();
  const site = page.locator('.site').first();
  await expect(site).toContainText('面积');
  await expect(site).toContainText('规划');
  await page.getByRole('tab', { name: '减量化' }).click();
  await expect(page.getByText(/198 区域 \d+ 宗/)).toBeVisible();
  expect(errors).toEqual([]);
});
