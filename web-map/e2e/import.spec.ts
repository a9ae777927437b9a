// From a file to the map and back: what a steward drops, corrects, applies and undoes, in the browser.
import { expect, test, type Locator, type Page } from '@playwright/test';
import { gbkShapefile, geojson, square, type Lot, type Upload } from './files';
import { admin, signIn, viewAs } from './session';
import { mapColours, steward, waitForMap, watchErrors, webGlAlive } from './support';

const target = 'parcels';
const shots = process.env['MUTU_SHOTS'];

/** For whoever wants to look at every state. */
async function shot(page: Page, name: string): Promise<void> {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, animations: 'disabled' });
}

/** Lots in a row somewhere in the district; headers that no alias knows have to be mapped by hand. */
function lots(prefix: string): Lot[] {
  const lot = (at: number, properties: Lot['properties']): Lot => ({
    properties,
    ring: square([121.25 + at * 0.001, 31.36], 0.0005),
  });
  const one = (at: number, code: string | null, name: string, area = '3.96'): Lot =>
    lot(at, { DKBM: code, DKMC: name, 'MJ(亩)': area, 镇里说法: '老厂' });
  return [
    one(0, `${prefix}-1`, '一号地'),
    one(1, `${prefix}-2`, '二号地'),
    one(2, null, '没有编码'),
    one(3, `${prefix}-1`, '编码重复'),
    one(4, `${prefix}-5`, '面积不详', '约四亩'),
  ];
}

/** Looks an option up by typing it. */
async function choose(page: Page, field: Locator, option: string): Promise<void> {
  await field.fill(option);
  // The list may still be on its way.
  await expect(page.locator('.ant-select-item-option-active:visible')).toBeVisible();
  await page.keyboard.press('Enter');
}

/** Drops a file on the page, chooses where it goes and waits for what the preview says. */
async function drop(page: Page, file: Upload): Promise<void> {
  await page.goto('/import');
  await expect(page.getByRole('heading', { name: '数据导入' })).toBeVisible();
  await page.getByLabel('选择要导入的文件').setInputFiles(file);
  await expect(page.getByRole('list', { name: '已选文件' })).toContainText(file.name);
  await choose(page, page.getByRole('combobox', { name: '导入到' }), target);
  await page.getByRole('button', { name: '上传并预检' }).click();
  await expect(page).toHaveURL(/\/import\/\d+/);
}

function state(page: Page): Locator {
  return page.locator('.import-head .import-state');
}

function sum(page: Page, of: string): Locator {
  return page.locator('.sums > div').filter({ hasText: of }).locator('dd');
}

async function features(page: Page, prefix: string): Promise<number> {
  const filter = encodeURIComponent(`parcel_code LIKE '${prefix}-%'`);
  const response = await page.request.get(`/ogc/collections/${target}/items?filter=${filter}`);
  return ((await response.json()) as { features: unknown[] }).features.length;
}

test.describe('a steward', () => {
  test.use({ storageState: steward });

  test('drops a file, corrects it, sees every fault, applies it and undoes it', async ({ page }) => {
    const errors = watchErrors(page);
    const prefix = `WALK-${Date.now()}`;
    await drop(page, geojson('新增地块.geojson', lots(prefix)));
    await expect(state(page)).toHaveText('待导入');
    await expect(sum(page, '读取')).toHaveText('5');
    await expect(sum(page, '新增')).toHaveText('2');
    await expect(sum(page, '拒绝')).toHaveText('3');

    await test.step('says what it understood of the file', async () => {
      await page.getByRole('tab', { name: /识别/ }).click();
      const understood = page.locator('.understood');
      await expect(understood).toContainText('GeoJSON');
      await expect(understood).toContainText('4326');
      await shot(page, 'detection');
    });

    await test.step('a column that nobody knew is mapped, and the preview runs again', async () => {
      await page.getByRole('tab', { name: /字段/ }).click();
      const row = page.getByRole('row', { name: /镇里说法/ });
      await expect(row).toContainText('不对应');
      await expect(page.getByRole('row', { name: /MJ\(亩\)/ })).toContainText('亩');
      await shot(page, 'mapping');
      await choose(page, page.getByRole('combobox', { name: '列“镇里说法”填入的字段' }), '使用状况');
      await expect(page.getByRole('region', { name: '导入' })).toContainText('请先重新预检');
      await expect(page.getByRole('button', { name: /导入/, exact: false }).last()).toBeDisabled();
      await page.getByRole('button', { name: '按此对应重新预检' }).click();
      await expect(page.getByRole('row', { name: /镇里说法.*使用状况/ })).toContainText('映射');
      await expect(sum(page, '新增')).toHaveText('2');
    });

    await test.step('every fault is in the table and on the map, and one leads to the other', async () => {
      await page.getByRole('tab', { name: /问题/ }).click();
      const table = page.locator('.linked-rows');
      // The figure is for two fields, in 亩 and in m²: it is wrong for both.
      await expect(table.getByRole('row').filter({ hasText: '约四亩' }).first()).toContainText(
        'MJ(亩) 证载面积',
      );
      await expect(
        table
          .getByRole('row')
          .filter({ hasText: `${prefix}-1` })
          .first(),
      ).toBeVisible();
      await waitForMap(page);
      expect(await webGlAlive(page)).toBe(true);
      expect((await mapColours(page)).size).toBeGreaterThan(8);
      const placed = table.getByRole('button', { name: /在地图上查看/ });
      const before = await page.locator('.map canvas').screenshot();
      await placed.first().focus();
      await page.keyboard.press('Enter');
      await expect(placed.first()).toHaveAttribute('aria-pressed', 'true');
      await waitForMap(page);
      const after = await page.locator('.map canvas').screenshot();
      expect(after.equals(before)).toBe(false);
      // Chosen, a shape is in the middle of the map: another row chosen by its shape alone.
      await placed.nth(1).click();
      await waitForMap(page);
      await placed.first().click();
      await waitForMap(page);
      await shot(page, 'findings');
      await page.getByText('警告', { exact: true }).first().click();
      await expect(table.getByRole('row').filter({ hasText: '约四亩' })).toHaveCount(0);
      await page.getByText('全部', { exact: true }).first().click();
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: '下载 XLSX' }).click();
      expect((await download).suggestedFilename()).toMatch(/\.xlsx$/);
    });

    await test.step('reloaded, the page is where it was', async () => {
      const { pathname } = new URL(page.url());
      await page.reload();
      await expect(page).toHaveURL(new RegExp(`${pathname}\\?tab=findings$`));
      await expect(page.getByRole('tab', { name: /问题/ })).toHaveAttribute('aria-selected', 'true');
    });

    await test.step('the changes are listed and drawn before anything is written', async () => {
      await page.getByRole('tab', { name: /变化/ }).click();
      await expect(page.locator('.linked-rows')).toContainText(`${prefix}-2`);
      await waitForMap(page);
      expect((await mapColours(page)).size).toBeGreaterThan(8);
      await shot(page, 'changes');
      expect(await features(page, prefix)).toBe(0);
    });

    await test.step('what passes is applied, and is on the map', async () => {
      await page.getByRole('button', { name: '仅导入通过的 2 行' }).click();
      await expect(state(page)).toHaveText('已导入');
      await shot(page, 'applied');
      expect(await features(page, prefix)).toBe(2);
      const shown = await page.getByRole('link', { name: '在地图上查看' }).getAttribute('href');
      expect(shown).toMatch(new RegExp(`^/\\?l=${target},1,1&v=1#map=[\\d.]+/31\\.\\d+/121\\.\\d+$`));
    });

    await test.step('a second file changes what is there, field by field', async () => {
      const [first, second] = lots(prefix);
      if (!first || !second) throw new Error('no lots');
      const renamed = { ...first, properties: { ...first.properties, DKMC: '一号新地' } };
      const moved = { ...second, ring: square([121.2511, 31.36], 0.0005) };
      const batch = page.url();
      await drop(page, geojson('第二次.geojson', [renamed, moved]));
      await expect(state(page)).toHaveText('待导入');
      await expect(sum(page, '变更')).toHaveText('2');
      await page.getByRole('tab', { name: /变化/ }).click();
      const changed = page.getByRole('row').filter({ hasText: `${prefix}-1` });
      await expect(changed).toContainText('一号地');
      await expect(changed).toContainText('一号新地');
      // Mapped by hand the first time, the area went to the same fields.
      await expect(changed).not.toContainText('证载面积');
      await expect(page.getByRole('row').filter({ hasText: `${prefix}-2` })).toContainText(/差异 [\d,.]+ m²/);
      await waitForMap(page);
      await shot(page, 'changed');
      await page.getByRole('button', { name: /^(check )?导\s*入$/ }).click();
      await expect(state(page)).toHaveText('已导入');

      await test.step('the first one is not undone under it', async () => {
        const later = page.url();
        await page.goto(batch);
        await page.getByRole('button', { name: /撤\s*销/ }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByRole('button', { name: /撤\s*销/ }).click();
        await expect(dialog.getByRole('alert')).toContainText('未能撤销');
        await expect(dialog.locator('.dependents li').first()).toBeVisible();
        await shot(page, 'refused-undo');
        await page.goto(later);
      });
    });

    await test.step('the newest goes first, then the other, and the district is as it was', async () => {
      for (const left of [2, 0]) {
        await page.getByRole('button', { name: /撤\s*销/ }).click();
        await page
          .getByRole('dialog')
          .getByRole('button', { name: /撤\s*销/ })
          .click();
        await expect(state(page)).toHaveText('已撤销');
        expect(await features(page, prefix)).toBe(left);
        if (left > 0) {
          await page.getByRole('link', { name: '全部导入' }).click();
          await shot(page, 'past');
          await page
            .getByRole('row')
            .filter({ hasText: '新增地块.geojson' })
            .first()
            .getByRole('link')
            .click();
        }
      }
    });
    // The refused undo is told by the browser, too.
    expect(errors.filter((it) => !it.includes('409'))).toEqual([]);
  });

  test('is asked for the coordinate system of a shapefile without one', async ({ page }) => {
    const prefix = `GBK${Date.now() % 100000}`;
    const lot = (at: number, name: string): Lot => ({
      properties: { 地块编码: `${prefix}-${at}`, 地块名称: name, 登记面积: '2500' },
      ring: square([624000 + at * 100, 3471000], 50),
    });
    await drop(page, gbkShapefile('嘉定地块', [lot(1, '嘉定北厂'), lot(2, '嘉定南厂')]));
    const asked = page.getByRole('form', { name: '文件用的是哪个坐标系？' });
    await expect(asked).toBeVisible();
    await shot(page, 'asked');
    await expect(asked.getByRole('radio').first()).toBeChecked();
    await asked.getByRole('radio', { name: '其他' }).check();
    await asked.getByLabel('改用坐标系').fill('上海2000');
    await expect(asked.getByRole('button', { name: '按此继续' })).toBeDisabled();
    await asked.getByLabel('改用坐标系').fill('4549');
    await asked.getByRole('button', { name: '按此继续' }).click();
    await expect(state(page)).toHaveText('待导入');
    await page.getByRole('tab', { name: /识别/ }).click();
    const understood = page.locator('.understood');
    await expect(understood).toContainText(/gb18030/i);
    await expect(understood).toContainText('嘉定北厂');
    await expect(understood).toContainText('4549');
    await shot(page, 'shapefile');
    await page.getByRole('button', { name: /放\s*弃/ }).click();
    await page
      .getByRole('tooltip')
      .getByRole('button', { name: /放\s*弃/ })
      .click();
    await expect(page.getByRole('heading', { name: '导入记录' })).toBeVisible();
    await expect(page.getByRole('row').filter({ hasText: `嘉定地块` }).first()).toContainText('已放弃');
  });

  test('is told at once what cannot be uploaded, and by the server what cannot be read', async ({ page }) => {
    await page.goto('/import');
    const field = page.getByLabel('选择要导入的文件');
    const text = (name: string, content: string) => ({
      name,
      mimeType: 'text/plain',
      buffer: Buffer.from(content),
    });
    await field.setInputFiles([text('a.geojson', '{}'), text('b.csv', 'x')]);
    await expect(page.getByRole('alert')).toContainText('一次导入一个数据集');
    await expect(page.getByRole('button', { name: '上传并预检' })).toBeDisabled();
    await page.getByRole('button', { name: '移除 a.geojson' }).click();
    await page.getByRole('button', { name: '移除 b.csv' }).click();
    await expect(page.getByRole('alert')).toHaveCount(0);
    await drop(page, text('坏文件.geojson', '{"type":"FeatureCollection","features":[{'));
    await expect(state(page)).toHaveText('预检失败');
    await expect(page.getByRole('alert').first()).toBeVisible();
    await shot(page, 'failed');
    await page.reload();
    await expect(state(page)).toHaveText('预检失败');
  });

  test('reloads while a job is under way, which goes on', async ({ page }) => {
    const prefix = `MANY${Date.now() % 100000}`;
    const many = Array.from({ length: 4000 }, (_, at): Lot => ({
      properties: { DKBM: `${prefix}-${at}`, DKMC: '许多' },
      ring: square([121.2 + (at % 80) * 0.0012, 31.3 + Math.floor(at / 80) * 0.0012], 0.0005),
    }));
    await drop(page, geojson('许多地块.geojson', many));
    await page.reload();
    await expect(state(page)).toHaveText('待导入', { timeout: 60_000 });
    await expect(sum(page, '新增')).toHaveText('4,000');
    // Without the stream the page asks, and comes to the same end.
    await page.route('**/api/v1/jobs/*/events', (route) => route.abort());
    await page.getByRole('tab', { name: /识别/ }).click();
    await page.getByRole('switch', { name: '已有的行' }).click();
    await expect(page.getByText('不更新')).toBeVisible({ timeout: 60_000 });
    await expect(state(page)).toHaveText('待导入');
  });
});

test('a viewer is told why not, nobody is asked to sign in', async ({ page }) => {
  await page.goto('/import');
  await expect(page.getByText('请先登录后查看此页')).toBeVisible();
  test.skip(admin.password === '', 'MUTU_ADMIN_PASSWORD is missing; scripts/e2e makes the account');
  await signIn(page, admin, '/import');
  await expect(page.getByLabel('选择要导入的文件')).toBeAttached();
  await viewAs(page, admin.account, '查看者');
  await expect(page.getByText('只有数据管理员可以导入数据')).toBeVisible();
  await expect(page.getByLabel('选择要导入的文件')).toHaveCount(0);
  await shot(page, 'refused');
});
