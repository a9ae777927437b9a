// What the plans allow: checked for pasted codes, pieces on the map, a site for a project, land to give back.
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, picture } from './checks';
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
  await expect(page.getByRole('heading', { name: '规划选址' })).toBeVisible();
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

/** The corners of a box around a parcel that fails, longitude before latitude. */
async function corners(page: Page): Promise<[number, number][]> {
  const code = (await codes(page, 'fail'))[0];
  const parcel = (await (await page.request.get(`/api/v1/parcels/${code}`)).json()) as { bbox: number[] };
  const [west = 0, south = 0, east = 0, north = 0] = parcel.bbox;
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
  ];
}

const typed = (vertices: [number, number][]) => vertices.map((it) => it.join(', ')).join('\n');

test('a shape is typed, refused where it crosses itself, mended and held against the plans', async ({
  page,
}) => {
  const errors = watchErrors(page);
  const [a, b, c, d] = (await corners(page)) as [number, number][];
  if (!a || !b || !c || !d) throw new Error('no box');
  await page.goto('/planning');
  await page.getByText('绘制范围', { exact: true }).click();
  const text = page.getByRole('textbox', { name: '顶点坐标' });
  await text.fill('121.2');
  await expect(page.getByText('第 1 行不是经纬度')).toBeVisible();
  await text.fill(typed([a, c, b, d]));
  await page.getByRole('spinbutton', { name: '容积率' }).fill('1.5');
  await page.getByRole('button', { name: /核\s*对/ }).click();
  await expect(page.getByRole('alert')).toContainText('自相交');
  await expect(page.getByRole('alert')).toContainText('shape.coordinates[0][0]');
  await expect(page.getByText('出错的边与位置已在图上以红色标出。')).toBeVisible();
  await waitForMap(page);
  await picture(page, 'planning-crossed');
  await expectAccessible(page);
  await text.fill(typed([a, b, c, d]));
  await page.getByRole('button', { name: /核\s*对/ }).click();
  const card = page.locator('.conformity-card');
  await expect(card.locator('.conformity-head')).toContainText('绘制范围');
  await expect(card).toContainText('容积率 1.5');
  await expect(card).toContainText('修订');
  await expect(card).toContainText(/m²|亩/);
  await picture(page, 'planning-drawn', true);
  await expectAccessible(page);
  // The browser notes the refusal too.
  expect(errors.filter((it) => !it.includes('400'))).toEqual([]);
});

test('a shape is drawn on the map, by pointer and by keys', async ({ page }) => {
  await page.goto('/planning');
  await page.getByText('绘制范围', { exact: true }).click();
  await waitForMap(page);
  const canvas = page.locator('.draw-map canvas');
  const text = page.getByRole('textbox', { name: '顶点坐标' });
  const lines = async () => (await text.inputValue()).split('\n').filter((it) => it !== '').length;
  for (const position of [
    { x: 300, y: 150 },
    { x: 420, y: 150 },
    { x: 420, y: 260 },
  ]) {
    await canvas.click({ position });
  }
  await expect.poll(lines).toBe(3);
  await page.keyboard.press('Backspace');
  await expect.poll(lines).toBe(2);
  await canvas.click({ position: { x: 380, y: 280 } });
  await page.keyboard.press('Enter');
  await expect(page.getByText('范围已闭合，共 3 点。')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect.poll(lines).toBe(0);
  // Without a pointer: the crosshair, moved by arrows.
  await page.keyboard.press(' ');
  await page.keyboard.press('ArrowRight');
  await page.waitForTimeout(600);
  await page.keyboard.press(' ');
  await page.keyboard.press('ArrowDown');
  await page.waitForTimeout(600);
  await page.keyboard.press(' ');
  await page.keyboard.press('Enter');
  await expect(page.getByText('范围已闭合，共 3 点。')).toBeVisible();
  await page.getByRole('combobox', { name: '拟定用途' }).click();
  await page.locator('.ant-select-item-option').first().click();
  await page.getByRole('button', { name: /核\s*对/ }).click();
  await expect(page.locator('.conformity-card, .ant-alert-error')).toBeVisible();
});
