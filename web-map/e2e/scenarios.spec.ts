// From a threshold to a dated rule set: what a steward moves, saves, compares and adopts, in the browser.
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible, picture } from './checks';
import { difference, mapPicture, steward, waitForMap, watchErrors } from './support';

const shots = process.env['MUTU_SHOTS'];

async function shot(page: Page, name: string): Promise<void> {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, animations: 'disabled', fullPage: true });
}

function total(page: Page, of: string) {
  return page
    .getByRole('region', { name: '低效用地' })
    .locator('div', { hasText: of })
    .locator('.total')
    .first();
}

test.describe('a steward', () => {
  test.use({ storageState: steward, viewport: { width: 1366, height: 768 } });

  test('moves a threshold, sees the totals follow, saves, compares and adopts', async ({ page }) => {
    const errors = watchErrors(page);
    await page.goto('/scenarios');
    await expect(page.getByRole('heading', { name: '规则推演' })).toBeVisible();
    await expect(total(page, '低效宗数')).toBeVisible();
    const before = Number((await total(page, '低效宗数').textContent())?.replaceAll(',', ''));
    await shot(page, 'scenarios-start');

    const floor = page.getByRole('spinbutton', { name: '亩均税收下限' });
    await floor.fill('20');
    await floor.press('Enter');
    await expect(total(page, '低效宗数')).not.toHaveText(String(before));
    const after = Number((await total(page, '低效宗数').textContent())?.replaceAll(',', ''));
    expect(after).toBeGreaterThan(before);

    await page.getByRole('spinbutton', { name: '目标亩数' }).fill('100000');
    await expect(page.getByText(/还差 [\d,.]+ 亩/)).toBeVisible();
    await shot(page, 'scenarios-moved');

    const title = `二十万元 ${Date.now()}`;
    await page.getByRole('button', { name: '保存为情景' }).click();
    await page.getByRole('textbox', { name: '名称' }).fill(title);
    await page.getByRole('dialog').getByRole('button', { name: '保存为情景' }).click();
    const row = page.getByRole('row').filter({ hasText: title });
    await expect(row).toContainText('亩均税收下限 20');

    await row.getByRole('checkbox').check();
    await page.getByRole('button', { name: '与评价结果比较' }).click();
    await expect(page.getByRole('dialog')).toContainText(`新列入低效 ${after - before} 宗`);
    await shot(page, 'scenarios-compared');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();

    await row.getByRole('button', { name: /采\s*纳/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('生效日期', { exact: false }).first().fill('2031-01-01');
    await dialog.getByLabel('依据文件及文号').fill('某办发〔2030〕1号');
    await dialog.getByRole('button', { name: /采\s*纳/ }).click();
    await expect(row).toContainText('已采纳');

    await row.getByRole('button', { name: /撤\s*下/ }).click();
    await page
      .getByRole('tooltip')
      .getByRole('button', { name: /撤\s*下/ })
      .click();
    await expect(row).toHaveCount(0);
    expect(errors).toEqual([]);
  });
});

test.describe('the map', () => {
  test.use({ storageState: steward, viewport: { width: 1366, height: 768 } });

  test('turned parcels change colour without a tile being asked for', async ({ page }) => {
    const errors = watchErrors(page);
    await page.goto('/scenarios');
    const map = page.locator('.scenario-map .map');
    await expect(map).toHaveAttribute('data-turned', '0');
    await map.scrollIntoViewIfNeeded();
    await waitForMap(page);
    const before = await mapPicture(page);
    const tiles: string[] = [];
    page.on('request', (it) => {
      if (it.url().includes('/tiles/')) tiles.push(it.url());
    });
    const floor = page.getByRole('spinbutton', { name: '亩均税收下限' });
    for (const value of ['12', '20', '40']) {
      await floor.fill(value);
      await floor.press('Enter');
      await page.waitForTimeout(400);
    }
    await expect.poll(async () => Number(await map.getAttribute('data-turned'))).toBeGreaterThan(0);
    await page.waitForTimeout(1000);
    const after = await mapPicture(page);
    expect(await difference(page, before, after)).toBeGreaterThan(0.001);
    await expect(page.locator('[data-kind="in"]')).toContainText(/新列入低效 [1-9]/);
    await picture(page, 'scenarios-map');

    await page.getByText('只看变化', { exact: true }).click();
    await page.waitForTimeout(1000);
    await picture(page, 'scenarios-difference');
    expect(await difference(page, after, await mapPicture(page))).toBeGreaterThan(0.001);
    expect(tiles).toEqual([]);
    await expectAccessible(page);
    await page.getByRole('button', { name: '恢复原值' }).click();
    await expect(map).toHaveAttribute('data-turned', '0');
    expect(errors).toEqual([]);
  });
});

test.describe('thresholds on a histogram', () => {
  test.use({ storageState: steward, viewport: { width: 1366, height: 768 } });

  test('are dragged: totals follow on the way, and no tile is asked for', async ({ page }) => {
    const errors = watchErrors(page);
    await page.goto('/scenarios');
    const map = page.locator('.scenario-map .map');
    await expect(map).toHaveAttribute('data-turned', '0');
    await map.scrollIntoViewIfNeeded();
    await waitForMap(page);
    const tiles: string[] = [];
    page.on('request', (it) => {
      if (it.url().includes('/tiles/')) tiles.push(it.url());
    });
    const chart = page.getByRole('figure', { name: /亩均税收下限/ });
    await chart.scrollIntoViewIfNeeded();
    const before = await total(page, '低效宗数').textContent();
    const handle = chart.getByRole('slider');
    const box = await handle.boundingBox();
    if (!box) throw new Error('the handle has no place');
    await page.mouse.move(box.x + box.width / 2, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 60, box.y + 10, { steps: 6 });
    // The button is still down.
    await expect(total(page, '低效宗数')).not.toHaveText(String(before));
    await page.mouse.up();
    await expect(page.getByRole('spinbutton', { name: '亩均税收下限' })).not.toHaveValue('5');
    await expect.poll(async () => Number(await map.getAttribute('data-turned'))).toBeGreaterThan(0);
    // From the keyboard, too.
    const value = Number(await handle.getAttribute('aria-valuenow'));
    await handle.focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(async () => Number(await handle.getAttribute('aria-valuenow'))).toBeGreaterThan(value);
    expect(tiles).toEqual([]);
    await picture(page, 'scenarios-histogram');
    await expectAccessible(page);
    expect(errors).toEqual([]);
  });

  test('a saved scenario lies beside the run on two maps with one camera', async ({ page }) => {
    const errors = watchErrors(page);
    await page.goto('/scenarios');
    const floor = page.getByRole('spinbutton', { name: '亩均税收下限' });
    await floor.fill('25');
    await floor.press('Enter');
    const title = `并列 ${Date.now()}`;
    await page.getByRole('button', { name: '保存为情景' }).click();
    await page.getByRole('textbox', { name: '名称' }).fill(title);
    await page.getByRole('dialog').getByRole('button', { name: '保存为情景' }).click();
    const row = page.getByRole('row').filter({ hasText: title });
    await row.getByRole('checkbox').check();
    await page.getByRole('button', { name: '与评价结果比较' }).click();
    const pair = page.getByRole('region', { name: '两个情景的地图' });
    await expect(pair.locator('.side-title.right')).toHaveText(title);
    await expect(pair.locator('.map')).toHaveCount(2);
    const maps = pair.locator('.pair-maps');
    await expect
      .poll(async () => Number(await maps.getAttribute('data-right-turned')), { timeout: 30_000 })
      .toBeGreaterThan(0);
    await expect(maps).toHaveAttribute('data-left-turned', '0');
    await picture(page, 'scenarios-pair');
    await expectAccessible(page);
    await pair.getByText('卷帘', { exact: true }).click();
    await expect(pair.getByRole('slider')).toBeVisible();
    await page.keyboard.press('Escape');
    await row.getByRole('button', { name: /撤\s*下/ }).click();
    await page
      .getByRole('tooltip')
      .getByRole('button', { name: /撤\s*下/ })
      .click();
    await expect(row).toHaveCount(0);
    expect(errors).toEqual([]);
  });
});

test('nobody without an account sees figures', async ({ page }) => {
  await page.goto('/scenarios');
  await expect(page.getByText('规则推演').first()).toBeVisible();
  await expect(page.getByRole('region', { name: '低效用地' })).toHaveCount(0);
});
