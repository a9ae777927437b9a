// The map narrowed: by unit, class, range and a typed expression. What is drawn, counted, listed, summed, downloaded and linked is
// the same set, and the server's statistics are what it is compared with.
import { expect, test, type Page } from '@playwright/test';
import type { FeatureCollection } from 'geojson';
import { readFile } from 'node:fs/promises';
import type { Layer } from '../src/api/schema';
import { expectAccessible, picture } from './checks';
import { difference, layerTree, mapPicture, steward, waitForMap, watchErrors } from './support';

test.use({ storageState: steward, viewport: { width: 1366, height: 768 } });

/** A theme with units, classes and a figure per mu. */
async function themeOf(page: Page): Promise<Layer> {
  const tree = await layerTree(page);
  const found = tree.layers.find(
    (it) =>
      it.role === 'theme' &&
      it.readable &&
      it.fields.some((one) => one.name === 'responsible_unit' && one.readable) &&
      it.fields.some((one) => one.unit === 'wan_per_mu' && one.readable),
  );
  if (!found) throw new Error('no theme with units and a figure per mu');
  return found;
}

type Answer = { total: { count: number }; groups: { key: Record<string, string | null>; count: number }[] };

/** By the page itself: a request from nowhere is refused to a session. */
async function stats(page: Page, question: object): Promise<Answer> {
  return page.evaluate(async (question) => {
    const headers = { 'content-type': 'application/json' };
    const known = await fetch('/api/v1/stats', { method: 'POST', headers, body: JSON.stringify(question) });
    return (await known.json()) as Answer;
  }, question);
}

const bar = (page: Page) => page.getByRole('region', { name: '选择' });
const chips = (page: Page) => page.getByRole('region', { name: '筛选' }).getByRole('listitem');
const start = (page: Page) => page.getByRole('button', { name: /筛\s*选$/ }).click();
const take = (page: Page) => page.getByRole('button', { name: '应用筛选' }).click();
const legendSum = async (page: Page) => {
  const texts = await page.locator('.layer.active .legend .figure:not(.area)').allInnerTexts();
  return texts.slice(1).reduce((sum, it) => sum + Number(it.replaceAll(',', '') || NaN), 0);
};

/** Sum of bar, legend and table, and of the features that the tiles hold, is what the server says. */
async function expectAll(page: Page, layer: Layer, filter: string): Promise<number> {
  const { count } = (await stats(page, { layer: layer.id, filter })).total;
  await expect(bar(page)).toContainText(`筛选出 ${count.toLocaleString('en-US')} 宗`);
  await expect.poll(() => legendSum(page)).toBe(count);
  await page.getByRole('button', { name: '地块表格' }).click();
  await expect(page.getByRole('grid')).toHaveAttribute('aria-rowcount', String(count + 1));
  await page.getByRole('button', { name: '地块表格' }).click();
  return count;
}

test('units, classes, a range and an expression narrow everything alike', async ({ page }) => {
  const errors = watchErrors(page);
  const theme = await themeOf(page);
  await page.goto(`/?l=${theme.id},1,1&v=1`);
  await waitForMap(page);
  const whole = await mapPicture(page);
  const units = (await stats(page, { layer: theme.id, group_by: ['responsible_unit'] })).groups;
  const unit =
    units.reduce((least, it) => (it.count < least.count ? it : least)).key['responsible_unit'] ?? '';
  const byUnit = `responsible_unit = '${unit}'`;

  await test.step('by unit', async () => {
    await start(page);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: unit, exact: true }).check();
    await expect(dialog.getByRole('status')).toContainText(/符合 [\d,]+ 宗/);
    await expectAccessible(page);
    const tile = page.waitForRequest(
      (it) => it.url().includes(`/tiles/${theme.id}/`) && it.url().includes('filter='),
    );
    await take(page);
    expect(new URL((await tile).url()).searchParams.get('filter')).toContain(unit);
    await expect(chips(page)).toHaveText([new RegExp(unit)]);
    await waitForMap(page);
    await expectAll(page, theme, byUnit);
    expect(await difference(page, whole, await mapPicture(page))).toBeGreaterThan(0.05);
  });

  await test.step('an expression, once the server has understood it', async () => {
    await start(page);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('tab', { name: '表达式' }).click();
    const text = dialog.getByRole('textbox', { name: 'CQL2 表达式' });
    await text.fill('area_mu >');
    await expect(dialog.getByRole('alert')).toContainText('此条件无法使用');
    await expect(dialog.getByRole('button', { name: '应用筛选' })).toBeDisabled();
    await text.fill('area_mu > 10');
    await expect(dialog.getByRole('status')).toContainText(/符合 [\d,]+ 宗/);
    await take(page);
    await expect(chips(page)).toHaveCount(2);
    await waitForMap(page);
    await expectAll(page, theme, `${byUnit} AND area_mu > 10`);
    await picture(page, 'map-filtered', true);
  });

  await test.step('the link shows a colleague the same; Ctrl+Z takes one condition back', async () => {
    await expect(page).toHaveURL(/q=in%2Cresponsible_unit.*q=cql%2C/);
    await page.reload();
    await waitForMap(page);
    await expect(chips(page)).toHaveCount(2);
    await expectAll(page, theme, `${byUnit} AND area_mu > 10`);
    await page.getByRole('button', { name: /^移除筛选：.*area_mu/ }).click();
    await expect(chips(page)).toHaveCount(1);
    await page.keyboard.press('Control+z');
    await expect(chips(page)).toHaveCount(2);
    await page.getByRole('button', { name: '全部移除' }).click();
    await expect(bar(page)).toContainText('未选择');
    await waitForMap(page);
    // Ids of features are of no tile, but pictures can be compared.
    await page.mouse.move(5, 5);
    expect(await difference(page, whole, await mapPicture(page))).toBeLessThan(0.05);
  });

  await test.step('a class and the range of a figure', async () => {
    const row = theme.legend.find((it) => it.match && (it.count ?? 0) > 0);
    if (!row?.match) throw new Error('no class with parcels');
    await start(page);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('tab', { name: '类别' }).click();
    await dialog.getByRole('checkbox', { name: row.label.zh, exact: true }).check();
    await take(page);
    await start(page);
    await dialog.getByRole('tab', { name: '指标范围' }).click();
    await dialog.getByRole('combobox', { name: '指标' }).click();
    const figure = theme.fields.find((it) => it.unit === 'mu' && it.readable);
    await page.getByTitle(figure?.title.zh ?? '', { exact: true }).click();
    await dialog.getByRole('textbox', { name: '不小于' }).fill('12');
    await dialog.getByRole('textbox', { name: '不大于' }).fill('4');
    await expect(dialog.getByRole('alert')).toContainText('不超过');
    await dialog.getByRole('textbox', { name: '不小于' }).fill('4');
    await dialog.getByRole('textbox', { name: '不大于' }).fill('12');
    await expect(dialog.getByRole('status')).toContainText(/符合 [\d,]+ 宗/);
    await take(page);
    const filter = `(${row.filter}) AND ${figure?.name} >= 4 AND ${figure?.name} <= 12`;
    const count = await expectAll(page, theme, filter);
    await waitForMap(page);

    await page.getByRole('button', { name: `下载当前视图中的“${row.label.zh}”` }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /GeoJSON/ }).click(),
    ]);
    const list = JSON.parse((await readFile(await file.path())).toString()) as FeatureCollection;
    expect(list.features).toHaveLength(count);
  });
  expect(errors.filter((it) => !it.includes('400'))).toEqual([]);
});

test('a box selects what is shown only, and a theme without the field says so', async ({ page }) => {
  const theme = await themeOf(page);
  await page.goto(`/?l=${theme.id},1,1&q=${encodeURIComponent(`cql,${theme.id},area_mu > 25`)}&v=1`);
  await waitForMap(page);
  const { count } = (await stats(page, { layer: theme.id, filter: 'area_mu > 25' })).total;
  const canvas = await page.locator('.map canvas').boundingBox();
  if (!canvas) throw new Error('the map has no size');
  await page.getByRole('button', { name: '框选' }).click();
  // From below: the tools are above.
  await page.mouse.move(canvas.x + 60, canvas.y + canvas.height - 30);
  await page.mouse.down();
  await page.mouse.move(canvas.x + canvas.width - 60, canvas.y + 6, { steps: 4 });
  await page.mouse.up();
  await expect(bar(page)).toContainText(`已选 ${count} 宗`);

  const other = (await layerTree(page)).layers.find(
    (it) => it.role === 'theme' && it.readable && it.id !== theme.id,
  );
  await page.getByRole('radio', { name: other?.title.zh ?? '', exact: true }).check();
  await expect(chips(page)).toContainText('未用于本专题');
});

test('a forged condition shows nothing, and says why', async ({ page }) => {
  const theme = await themeOf(page);
  await page.goto(`/?l=${theme.id},1,1&q=${encodeURIComponent(`cql,${theme.id},secret = 1`)}&v=1`);
  await expect(page.getByRole('region', { name: '筛选' }).getByRole('alert')).toContainText('secret');
  await waitForMap(page);
  for (const kept of [
    'cql,parcels,a = 1) OR (1 = 1',
    'in,__proto__,x',
    'range,tax_wan,1 OR 1=1,',
    '\u0000',
  ]) {
    await page.goto(`/?l=${theme.id},1,1&q=${encodeURIComponent(kept)}&v=1`);
    await waitForMap(page);
    await expect(chips(page)).toHaveCount(0);
    await expect(bar(page)).toContainText('未选择');
  }
});

test('marks of the board lead to the map of what they stand for', async ({ page }) => {
  await page.goto('/board');
  const ranking = page.getByRole('region', { name: '排名' });
  const row = ranking.locator('tbody tr').last();
  const said = (await row.getByRole('button').last().innerText()).trim();
  await row.getByRole('link', { name: /^在地图上看：/ }).click();
  await waitForMap(page);
  await expect(bar(page)).toContainText(`筛选出 ${said} 宗`);

  await page.goto('/board');
  const mark = page
    .getByRole('region', { name: '构成对比' })
    .getByRole('link', { name: /^在地图上看：/ })
    .first();
  const parcels = (await mark.getAttribute('aria-label'))?.match(/([\d,]+) 宗/)?.[1];
  await mark.click();
  await waitForMap(page);
  await expect(bar(page)).toContainText(`筛选出 ${parcels} 宗`);

  await page.goto('/board');
  await page
    .getByRole('region', { name: '排名' })
    .locator('tbody tr')
    .last()
    .getByRole('button')
    .first()
    .click();
  await page.getByRole('dialog').getByRole('link', { name: /地图/ }).click();
  await waitForMap(page);
  await expect(bar(page)).toContainText(`筛选出 ${said} 宗`);
});
