// The table of a list: filled by keys, written by two at once, scrolled through ten thousand rows.
import { expect, test, type Browser, type Page } from '@playwright/test';
import {
  accessible,
  call,
  cell,
  codes,
  foot,
  headingAt,
  isSaved,
  newList,
  openList,
  pasteCells,
  readHeadings,
  shot,
  year,
} from './lists';
import { admin, signIn } from './session';
import { waitForMap, watchErrors } from './support';

/** Another officer, in another browser. */
async function officer(page: Page, browser: Browser, name: string): Promise<Page> {
  await call(page, 'POST', '/api/v1/accounts', { name, role: 'officer' });
  const { url } = await call<{ url: string }>(page, 'POST', `/api/v1/accounts/${name}/link`, {});
  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1366, height: 768 } });
  const own = await context.newPage();
  await own.goto(url);
  await expect(own.getByRole('button', { name: new RegExp(`^${name} · `) })).toBeVisible();
  return own;
}

test.use({ viewport: { width: 1366, height: 768 }, actionTimeout: 20_000 });
test.skip(admin.password === '', 'MUTU_ADMIN_PASSWORD is missing; scripts/e2e makes the account');

test('the keyboard alone fills, pastes, undoes and saves, and the sums are the server’s', async ({
  page,
}) => {
  test.slow();
  const errors = watchErrors(page);
  await signIn(page, admin, '/lists');
  const { id, cases } = await newList(page, `键盘 ${Date.now()}`, await codes(page, 30));
  await openList(page, id);
  await readHeadings(page);
  await accessible(page, 'main');
  await page.locator('.sheet-editor').focus();
  for (let step = headingAt('责任单位'); step < headingAt('责任人'); step += 1) {
    await page.keyboard.press('ArrowRight');
  }
  await page.keyboard.type('张三');
  await expect(page.locator('.sheet-editor')).toHaveValue('张三');
  await page.keyboard.press('Enter');
  await expect(cell(page, 0, '责任人')).toHaveText('张三');
  await expect(cell(page, 1, '责任人')).toHaveClass(/active/);
  // Fill down: five rows from the first.
  await page.keyboard.press('ArrowUp');
  for (let step = 0; step < 4; step += 1) await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Control+d');
  await expect(cell(page, 4, '责任人')).toHaveText('张三');
  await expect(cell(page, 5, '责任人')).toHaveText('');
  // F2 edits what is there; Escape leaves it.
  await page.keyboard.press('F2');
  await page.keyboard.press('End');
  await page.keyboard.type('丰');
  await page.keyboard.press('Escape');
  await expect(cell(page, 4, '责任人')).toHaveText('张三');
  // A block from Excel, with one cell that is no number.
  const at = headingAt('计划面积');
  await cell(page, 0, '计划面积').click();
  await pasteCells(page, '10.5\t李四\r\n1,234.25\t王五\r\n很大\t赵六\r\n');
  await expect(cell(page, 1, '计划面积')).toHaveText('1,234.25');
  await expect(cell(page, 2, '责任人')).toHaveText('赵六');
  await expect(page.getByText(/1 格未写入：第 3 行“计划面积.*”“很大”应为/)).toBeVisible();
  expect(at).toBeGreaterThan(0);
  expect(await foot(page, '计划面积')).toBe('1244.75');
  // One act, undone and redone as one.
  await page.keyboard.press('Control+z');
  await expect(cell(page, 0, '责任人')).toHaveText('张三');
  await expect(cell(page, 1, '计划面积')).toHaveText('');
  await page.keyboard.press('Control+y');
  await expect(cell(page, 1, '计划面积')).toHaveText('1,234.25');
  await isSaved(page);
  // Bulk, for all rows, undone by Ctrl+Z.
  await page.getByRole('button', { name: '批量修改' }).click();
  const dialog = page.getByRole('dialog', { name: '批量修改' });
  await dialog.getByRole('radio', { name: /当前显示的 30 行/ }).check();
  await dialog.getByRole('combobox', { name: '列' }).click();
  await page.locator('.ant-select-item-option', { hasText: '处置路径' }).click();
  await dialog.getByRole('combobox', { name: '值', exact: true }).fill('回购升级');
  await dialog.getByRole('button', { name: /应\s*用/ }).click();
  await expect(page.getByText('批量修改 30 格')).toBeVisible();
  await expect(cell(page, 7, '处置路径')).toHaveText('回购升级');
  await isSaved(page);
  await shot(page, 'lists-table');
  const stored = async () =>
    await call<{
      cases: { case_code: string; person: string | null; path: string | null }[];
      total: Record<string, string>;
    }>(page, 'GET', `/api/v1/lists/${id}/cases?limit=1000`);
  const after = await stored();
  expect(after.cases.filter((it) => it.path === 'buyback')).toHaveLength(30);
  expect(after.cases.map((it) => it.person).slice(0, 6)).toEqual([
    '李四',
    '王五',
    '赵六',
    '张三',
    '张三',
    null,
  ]);
  for (const [heading, name] of [
    ['占地面积', 'area_mu'],
    ['计划面积', 'plan_area_mu'],
  ] as const) {
    expect(Number(await foot(page, heading))).toBe(Number(after.total[name]));
  }
  await page.locator('.sheet-editor').focus();
  await page.keyboard.press('Control+z');
  await expect(cell(page, 7, '处置路径')).toHaveText('');
  await isSaved(page);
  expect((await stored()).cases.every((it) => it.path === null)).toBe(true);
  // Escape, then Tab leaves the table; the row is where the map's ring is.
  await expect(page.locator('.list-side .map-area')).toHaveAttribute('data-ring', cases[0] ?? '');
  await waitForMap(page);
  await page.locator('.sheet-editor').focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await expect(page.locator('.sheet-editor')).not.toBeFocused();
  expect(errors).toEqual([]);
});

test('two officers write at once: rows come together, a cell that both wrote shows both values', async ({
  page,
  browser,
}) => {
  test.slow();
  await signIn(page, admin, '/lists');
  const { id, cases } = await newList(page, `两人 ${Date.now()}`, await codes(page, 20));
  const name = `wang.fang.${Date.now() % 100_000}`;
  const other = await officer(page, browser, name);
  await openList(page, id);
  await openList(other, id);
  await readHeadings(page);
  const type = async (on: Page, row: number, heading: string, text: string) => {
    await cell(on, row, heading).click();
    await on.keyboard.type(text);
    await on.keyboard.press('Enter');
  };
  // Different cells of one row: nobody notices but by seeing them.
  await type(page, 0, '责任人', '甲');
  await type(other, 0, '备注', '他人所写');
  await isSaved(page);
  await isSaved(other);
  await expect(cell(page, 0, '备注')).toHaveText('他人所写');
  await expect(cell(other, 0, '责任人')).toHaveText('甲');
  // The same cell, from the same version: the slower one is asked.
  await page.route('**/api/v1/lists/*/cases', async (route) => {
    if (route.request().method() === 'PATCH') await new Promise((done) => setTimeout(done, 4000));
    await route.continue();
  });
  await type(page, 1, '责任人', '我的');
  await type(other, 1, '责任人', '对方的');
  await isSaved(other);
  const conflict = page.getByRole('alert', { name: '编辑冲突' });
  await expect(conflict).toContainText(cases[1] ?? '');
  await expect(conflict.getByRole('button', { name: /用我的/ })).toContainText('我的');
  await expect(conflict.getByRole('button', { name: new RegExp(`用 ${name} 的`) })).toContainText('对方的');
  await expect(page.locator('.saving')).toHaveText('1 格有冲突，请选择');
  // Nothing is lost: mine is in the cell, theirs with the server.
  await expect(cell(page, 1, '责任人')).toContainText('我的');
  await expect(cell(other, 1, '责任人')).toHaveText('对方的');
  await accessible(page, 'main');
  await shot(page, 'lists-conflict');
  await conflict.getByRole('button', { name: /用我的/ }).click();
  await isSaved(page);
  await expect(cell(other, 1, '责任人')).toHaveText('我的');
  // Undone, it is theirs again.
  await page.locator('.sheet-editor').focus();
  await page.keyboard.press('Control+z');
  await expect(cell(page, 1, '责任人')).toHaveText('对方的');
  await isSaved(page);
  await expect(cell(other, 1, '责任人')).toHaveText('对方的');
  await other.context().close();
});

test('ten thousand rows scroll without gaps', async ({ page }) => {
  test.slow();
  await signIn(page, admin, '/lists');
  const { id } = await newList(page, `很多 ${Date.now()}`, await codes(page, 1));
  // The server’s answer for one case, ten thousand times: the page is what is tried here.
  const one = await call<{ cases: Record<string, unknown>[]; total: Record<string, unknown> }>(
    page,
    'GET',
    `/api/v1/lists/${id}/cases`,
  );
  const count = 10_000;
  const row = (nth: number) => ({
    ...one.cases[0],
    row_id: nth,
    reuse_case_id: nth,
    case_code: `ZZ${year}${String(nth).padStart(5, '0')}`,
    area_mu: '0.01',
    remaining_mu: '0.01',
  });
  await page.route('**/api/v1/lists/*/cases?*', async (route) => {
    const query = new URL(route.request().url()).searchParams;
    const after = Number(query.get('after') ?? 0);
    const page = query.has('newer_than')
      ? []
      : Array.from({ length: 1000 }, (_, nth) => row(after + nth + 1));
    const next = query.has('newer_than') || after + 1000 >= count ? null : after + 1000;
    const total = { ...one.total, cases: count, area_mu: '100', remaining_mu: '100' };
    await route.fulfill({ json: { list_id: id, as_of: null, cases: page, total, next } });
  });
  await openList(page, id);
  await expect(page.getByText('10000 行', { exact: true })).toBeVisible();
  await readHeadings(page);
  expect(await foot(page, '占地面积')).toBe('100');
  const sheet = page.locator('.sheet');
  for (const part of [0, 0.13, 0.5, 0.777, 1, 0.25]) {
    await sheet.evaluate((it, to) => {
      it.scrollTop = (it.scrollHeight - it.clientHeight) * to;
    }, part);
    // Every line between head and foot is a row.
    await expect
      .poll(() =>
        sheet.evaluate((it) => {
          const box = it.getBoundingClientRect();
          const gaps: number[] = [];
          for (let y = box.top + 60; y < box.bottom - 50; y += 10) {
            if (!document.elementFromPoint(box.left + 150, y)?.closest('[data-row]')) gaps.push(y);
          }
          return gaps;
        }),
      )
      .toEqual([]);
    const drawn = await page.locator('[data-row]').count();
    expect(drawn).toBeLessThan(90);
  }
  await page.locator('.sheet-editor').focus();
  await page.keyboard.press('Control+End');
  await expect(page.locator('[data-row="9999"]')).toBeVisible();
  await page.keyboard.press('Control+Home');
  await expect(page.locator('[data-row="0"]')).toBeVisible();
});
