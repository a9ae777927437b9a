// A planner explores: classes a figure and moves a bound, selects land and sums it, compares two maps, undoes it all.
import { expect, test, type Page } from '@playwright/test';
import { countTiles, layerTree, steward, waitForMap, watchErrors } from './support';

test.use({ storageState: steward });

/** A theme with a figure in 万元/亩 that stewards read. */
async function figureOf(page: Page) {
  const tree = await layerTree(page);
  const found = tree.layers
    .filter((it) => it.role === 'theme' && it.readable)
    .flatMap((theme) => theme.fields.map((field) => ({ theme, field })))
    .find(({ field }) => field.unit === 'wan_per_mu' && field.readable);
  if (!found) throw new Error('no theme with a figure per mu');
  return found;
}

const bar = (page: Page) => page.getByRole('region', { name: '选择' });

test('bounds move on the histogram without a tile being asked for or parsed again', async ({ page }) => {
  const errors = watchErrors(page);
  const { theme, field } = await figureOf(page);
  const tiles = await countTiles(page);
  await page.goto(`/?l=${theme.id},1,1&t=${theme.id},${field.name},quantile,5,ylgnbu&v=1`);
  await waitForMap(page);
  // The server's bounds become part of the link.
  await expect(page).toHaveURL(/,quantile,5,ylgnbu(,[\d.]+){4}/);
  const legend = page.getByRole('list', { name: '分级图例' });
  await expect(legend.getByRole('listitem')).toHaveCount(6);
  await expect(legend).toContainText('缺失');
  const counts = async () =>
    (await legend.getByRole('listitem').locator('.figure:not(.area)').allInnerTexts()).map((it) =>
      Number(it.replaceAll(',', '')),
    );
  await expect.poll(async () => (await counts()).some(Number.isNaN)).toBe(false);
  const before = await counts();
  const question = { layer: theme.id, histogram: { field: field.name, bins: 5 } };
  // By the page itself: a request from nowhere is refused to a session.
  const answer = await page.evaluate(async (question) => {
    const headers = { 'content-type': 'application/json' };
    const known = await fetch('/api/v1/stats', { method: 'POST', headers, body: JSON.stringify(question) });
    return (await known.json()) as { total: { count: number }; histogram: { missing: number } };
  }, question);
  expect(before.reduce((sum, it) => sum + it, 0)).toBe(answer.total.count);
  expect(before.at(-1)).toBe(answer.histogram.missing);

  await waitForMap(page);
  const asked = await tiles();
  // Messages of another form would be counted as none.
  expect(asked.loaded).toBeGreaterThan(0);
  const handle = page.getByRole('slider', { name: /分界 2/ });
  await handle.focus();
  for (let step = 0; step < 4; step += 1) await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/,manual,5,/);
  await expect.poll(async () => (await counts())[1]).toBeGreaterThan(before[1] ?? 0);
  const after = await counts();
  expect(after.reduce((sum, it) => sum + it, 0)).toBe(answer.total.count);
  await waitForMap(page);
  expect(await tiles()).toEqual(asked);

  await test.step('a row that is switched off has tiles parsed again: the count is no zero of its own', async () => {
    await page.getByRole('combobox', { name: '分级指标' }).click();
    await page.locator('.ant-select-dropdown:visible').getByTitle('按图层自带图例').click();
    await page.locator('.layer.active .legend input[type="checkbox"]').first().uncheck({ force: true });
    await expect(page).toHaveURL(/f=/);
    await waitForMap(page);
    expect((await tiles()).again).toBeGreaterThan(asked.again);
  });
  expect(errors).toEqual([]);
});

test('land is selected by a box and by codes, summed, undone and linked', async ({ page }) => {
  const { theme } = await figureOf(page);
  await page.goto(`/?l=${theme.id},1,1&v=1`);
  await waitForMap(page);
  const canvas = await page.locator('.map canvas').boundingBox();
  if (!canvas) throw new Error('the map has no size');
  const at = (x: number, y: number) => [canvas.x + canvas.width * x, canvas.y + canvas.height * y] as const;
  await page.getByRole('button', { name: '框选' }).click();
  await page.mouse.move(...at(0.3, 0.3));
  await page.mouse.down();
  await page.mouse.move(...at(0.7, 0.7), { steps: 4 });
  await page.mouse.up();
  await expect(bar(page)).toContainText(/已选 [1-9][\d,]* 宗/);
  await expect(bar(page)).toContainText(/[\d,.]+ 亩/);

  await page.getByRole('button', { name: '已选表格' }).click();
  const grid = page.getByRole('grid');
  const many = Number((await bar(page).innerText()).match(/已选 ([\d,]+) 宗/)?.[1]?.replaceAll(',', ''));
  await expect(grid).toHaveAttribute('aria-rowcount', String(many + 1));
  await page.keyboard.press('Control+z');
  await expect(bar(page)).toContainText('未选择');

  const found = await page.request.get(
    `/ogc/collections/${theme.id}/items?limit=2&properties=${theme.identify}`,
  );
  const { features } = (await found.json()) as { features: { properties: Record<string, string> }[] };
  const codes = features.map((it) => it.properties[theme.identify ?? ''] ?? '');
  await page.getByRole('button', { name: '按条件选择' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: '粘贴编码' }).fill([...codes, 'no-such-code'].join('\n'));
  await dialog.getByRole('button', { name: '选择 3 个编码' }).click();
  await expect(dialog).toContainText('1 个编码没有找到');
  await expect(dialog.getByRole('textbox', { name: '没有找到的编码' })).toHaveValue('no-such-code');
  await dialog.getByRole('button', { name: '关闭' }).click();
  await expect(bar(page)).toContainText('已选 2 宗');
  for (const code of codes) await expect(page).toHaveURL(new RegExp(`s=${code}`));
  await page.reload();
  await expect(bar(page)).toContainText('已选 2 宗');
});

test('two maps move together, and the link keeps both', async ({ page }) => {
  const { theme } = await figureOf(page);
  await page.goto(`/?l=${theme.id},1,1&v=1`);
  await waitForMap(page);
  await page.getByRole('button', { name: '对比分析' }).click();
  await expect(page).toHaveURL(new RegExp(`c=swipe,0.5,1,${theme.id},`));
  await expect(page.locator('.side-by-side [data-map-idle="true"]')).toHaveCount(2, { timeout: 45_000 });
  const handle = page.getByRole('slider', { name: /卷帘/ });
  await handle.focus();
  await page.keyboard.press('ArrowLeft');
  await expect(handle).toHaveAttribute('aria-valuenow', '48');
  await expect(page).toHaveURL(/c=swipe,0.48,1/);
  await page.getByText('并排').click();
  await expect(page).toHaveURL(/c=split/);
  await page.reload();
  await expect(page.locator('.side-by-side.split [data-map-idle="true"]')).toHaveCount(2, {
    timeout: 45_000,
  });
  await page.getByRole('button', { name: '退出对比' }).click();
  await expect(page.locator('.side-by-side')).toHaveCount(0);
  await waitForMap(page);
});

test('a table of all rows is scrolled from end to end without a gap', async ({ page }) => {
  test.slow();
  const { theme } = await figureOf(page);
  await page.goto(`/?l=${theme.id},1,1&v=1`);
  await waitForMap(page);
  await page.getByRole('button', { name: '地块表格' }).click();
  const grid = page.getByRole('grid');
  const row = grid.locator('.rows-body [role="row"]');
  await expect(row.first()).toBeVisible();
  await expect(grid).toHaveAttribute('aria-rowcount', String((theme.data.count ?? 0) + 1));
  const seen = await grid.evaluate(async (scroller) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const rows = new Set<string>();
    const gaps: string[] = [];
    const end = scroller.scrollHeight - scroller.clientHeight;
    const step = Math.max(60, scroller.clientHeight - 90);
    for (let at = 0; ; at = Math.min(end, at + step)) {
      scroller.scrollTop = at;
      await frame();
      await frame();
      const { left, width, bottom } = scroller.getBoundingClientRect();
      const head = scroller.querySelector('.rows-head')?.getBoundingClientRect().bottom ?? 0;
      for (let y = head + 2; y < bottom - 16; y += 10) {
        const hit = document.elementFromPoint(left + width / 2, y)?.closest('.rows-body [role="row"]');
        if (hit) rows.add(hit.getAttribute('aria-rowindex') ?? '');
        else gaps.push(`${at} ${y}`);
      }
      if (at === end) break;
    }
    return { rows: rows.size, gaps, drawn: scroller.querySelectorAll('.rows-body [role="row"]').length };
  });
  expect(seen.gaps).toEqual([]);
  expect(seen.rows).toBe(theme.data.count);
  // Not by having all of them in the page.
  expect(seen.drawn).toBeLessThan(90);
});
