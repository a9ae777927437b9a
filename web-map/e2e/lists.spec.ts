// Redevelopment lists as officers work on them: made from codes and thresholds, filled by keys, written by two at once, worked
// through to acceptance, frozen, exported.
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Browser, type Locator, type Page } from '@playwright/test';
import { call, codes, newList, openList } from './lists';
import { admin, signIn } from './session';
import { unzip, waitForMap, watchErrors } from './support';

const shots = process.env['MUTU_SHOTS'];
const year = new Date().getFullYear();

async function shot(page: Page, name: string): Promise<void> {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, animations: 'disabled' });
}

async function accessible(page: Page, within: string): Promise<void> {
  // Colours that are on their way are neither.
  await page.waitForTimeout(500);
  const found = await new AxeBuilder({ page }).include(within).analyze();
  expect(
    found.violations.map((it) => `${it.id}: ${it.nodes.map((one) => one.html.slice(0, 160)).join(' | ')}`),
  ).toEqual([]);
}

/** The cell of a row (from 0) in a column by its heading. */
function cell(page: Page, row: number, heading: string): Locator {
  return page.locator(`[data-row="${row}"]`).locator(`[data-col="${headings.indexOf(heading)}"]`);
}

let headings: string[] = [];

async function readHeadings(page: Page): Promise<void> {
  headings = (await page.getByRole('columnheader').allTextContents()).map((it) => it.replace(/（.*$/, ''));
}

const isSaved = (page: Page) => expect(page.locator('.saving')).toHaveText('已自动保存');

/** The sum at the foot, in all its digits. */
async function foot(page: Page, heading: string): Promise<string> {
  const at = headings.indexOf(heading);
  return (await page.locator('.sheet-foot [role="gridcell"]').nth(at).getAttribute('data-total')) ?? '';
}

async function paste(page: Page, text: string): Promise<void> {
  await page.locator('.sheet-editor').evaluate((field, given) => {
    const data = new DataTransfer();
    data.setData('text/plain', given);
    field.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, text);
}

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

test('a list is made of pasted codes, and what nobody has is told', async ({ page }) => {
  const errors = watchErrors(page);
  await signIn(page, admin, '/lists');
  const wanted = await codes(page, 12);
  await page.getByRole('button', { name: '新建清单' }).click();
  const dialog = page.getByRole('dialog', { name: '新建清单' });
  await dialog.getByRole('textbox', { name: '清单名称' }).fill('二次开发计划');
  await dialog.getByRole('textbox', { name: '编码前缀' }).fill('JD');
  await dialog
    .getByRole('textbox', { name: '地块编码' })
    .fill([...wanted, 'NO-1', 'NO-2', wanted[0]].join('\r\n'));
  await expect(dialog.getByText('共 14 个编码')).toBeVisible();
  await accessible(page, '.ant-modal');
  await shot(page, 'lists-new');
  await dialog.getByRole('button', { name: '新建清单' }).click();
  await expect(dialog.getByText('已列入 12 宗')).toBeVisible();
  await expect(dialog.getByText('2 个编码未找到')).toBeVisible();
  await expect(dialog.getByLabel('未找到的编码', { exact: true })).toHaveText('NO-1\nNO-2');
  await dialog.getByRole('button', { name: '打开清单' }).click();
  await expect(page).toHaveURL(/\/lists\/\d+$/);
  await expect(page.getByText('12 行', { exact: true })).toBeVisible();
  await page.goto('/lists');
  await expect(page.getByRole('row').filter({ hasText: '二次开发计划' }).first()).toContainText('草稿');
  await accessible(page, 'main');
  await shot(page, 'lists-register');
  expect(errors).toEqual([]);
});

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
  for (let step = headings.indexOf('责任单位'); step < headings.indexOf('责任人'); step += 1) {
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
  const at = headings.indexOf('计划面积');
  await cell(page, 0, '计划面积').click();
  await paste(page, '10.5\t李四\r\n1,234.25\t王五\r\n很大\t赵六\r\n');
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

test('a case goes from found to accepted, with its milestones, reasons and history', async ({ page }) => {
  test.slow();
  const errors = watchErrors(page);
  await signIn(page, admin, '/lists');
  const { id, cases } = await newList(page, `办理 ${Date.now()}`, await codes(page, 3, 40));
  const code = cases[0] ?? '';
  await openList(page, id);
  await readHeadings(page);
  await cell(page, 0, '处置路径').click();
  await paste(page, `减量化\t5\t李四\t\t2026-01-01\t${year}-12-31\t立项${year}Q1；验收${year}Q2`);
  await isSaved(page);
  await cell(page, 0, '台账编码').click();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`case=${code}`));
  const drawer = page.getByRole('dialog', { name: new RegExp(code) });
  await expect(drawer.getByRole('combobox', { name: /立项 计划季度/ })).toHaveValue(`${year}Q1`);
  const step = async (name: RegExp, reason?: string) => {
    await drawer.getByRole('button', { name }).click();
    const dialog = page.getByRole('dialog', { name });
    if (reason) await dialog.getByRole('textbox', { name: '理由' }).fill(reason);
    await dialog.getByRole('button', { name }).click();
    await expect(dialog).toBeHidden();
  };
  await step(/^筛\s*选$/);
  await step(/^返\s*回$/, '街镇照片不全');
  await step(/^筛\s*选$/);
  await step(/^列入清单$/);
  await step(/^启动整治$/);
  await drawer.getByRole('textbox', { name: '处置面积' }).fill('999999');
  await drawer.getByRole('button', { name: '登记处置' }).click();
  await expect(drawer.getByRole('alert')).toBeVisible();
  await drawer.getByRole('textbox', { name: '处置面积' }).fill('1.25');
  await drawer.getByRole('button', { name: '登记处置' }).click();
  await expect(drawer.locator('.land')).toContainText('1.25');
  const milestone = drawer.locator('.milestones li').filter({ hasText: '验收' });
  await milestone.getByRole('button', { name: /完\s*成/ }).click();
  await expect(milestone).toHaveClass(/reached/);
  await accessible(page, '.ant-drawer');
  await shot(page, 'lists-case');
  await step(/^验\s*收$/);
  await expect(drawer.locator('.case-facts')).toContainText('验收 1.25 亩');
  await drawer.getByRole('tab', { name: '意见' }).click();
  await drawer.getByRole('textbox', { name: '写意见' }).fill('已到现场核对');
  await drawer.getByRole('button', { name: /发\s*送/ }).click();
  await expect(drawer.locator('.comments')).toContainText('已到现场核对');
  await drawer.getByRole('tab', { name: '办理过程' }).click();
  for (const text of ['计入 1.25 亩', '街镇照片不全', '列入 → 整治中', '登记处置']) {
    await expect(drawer.locator('.ant-timeline')).toContainText(text);
  }
  await shot(page, 'lists-history');
  await page.keyboard.press('Escape');
  await expect(cell(page, 0, '当前状态')).toHaveText('验收');
  await expect(cell(page, 0, '验收面积')).toHaveText('1.25');
  // Refusals are noted by the browser, too.
  expect(errors.filter((it) => !/4\d\d/.test(it))).toEqual([]);
});

test('a frozen version keeps its figures, and says what came and went', async ({ page }) => {
  await signIn(page, admin, '/lists');
  const { id, cases } = await newList(page, `版本 ${Date.now()}`, await codes(page, 4, 50));
  await openList(page, id);
  await readHeadings(page);
  await cell(page, 0, '计划面积').click();
  await page.keyboard.type('3.5');
  await page.keyboard.press('Enter');
  await isSaved(page);
  await page.getByRole('button', { name: '版本与比较' }).click();
  const drawer = page.getByRole('dialog', { name: '版本与比较' });
  await drawer.getByRole('textbox', { name: /版本说明/ }).fill('送审稿');
  await drawer.getByRole('button', { name: '冻结版本' }).click();
  await expect(drawer.locator('.versions')).toContainText('送审稿');
  await page.keyboard.press('Escape');
  await cell(page, 0, '计划面积').click();
  await page.keyboard.type('4.75');
  await page.keyboard.press('Enter');
  await isSaved(page);
  const extra = await codes(page, 1, 60);
  await page.getByRole('button', { name: '添加地块' }).click();
  const dialog = page.getByRole('dialog', { name: '添加地块' });
  await dialog.getByRole('textbox', { name: '地块编码' }).fill(extra.join('\n'));
  await dialog.getByRole('button', { name: '添加地块' }).click();
  await dialog.getByRole('button', { name: /完\s*成/ }).click();
  await expect(page.getByText('5 行', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: '版本与比较' }).click();
  await expect(drawer.getByText('调入 1 宗，调出 0 宗，变化 1 宗')).toBeVisible();
  const changed = drawer.getByRole('row').filter({ hasText: cases[0] ?? '' });
  await expect(changed).toContainText('3.50');
  await expect(changed).toContainText('4.75');
  await expect(drawer.locator('.comparison .facts')).toContainText('3.50 → 4.75（+1.25）');
  await accessible(page, '.ant-drawer');
  await shot(page, 'lists-versions');
});

test('from a slider to a list to Excel: the sum of the workbook is the sum on the screen', async ({
  page,
}) => {
  const errors = watchErrors(page);
  await signIn(page, admin, '/scenarios');
  const low = page
    .getByRole('region', { name: '低效用地' })
    .locator('div', { hasText: '低效宗数' })
    .locator('.total')
    .first();
  await expect(low).toBeVisible();
  const before = await low.textContent();
  const floor = page.getByRole('spinbutton', { name: '亩均税收下限' });
  await floor.fill('20');
  await floor.press('Enter');
  await expect(low).not.toHaveText(before ?? '');
  const found = Number((await low.textContent())?.replaceAll(',', ''));
  await page.getByRole('button', { name: '列入清单' }).click();
  const dialog = page.getByRole('dialog', { name: '新建清单' });
  await dialog.getByRole('textbox', { name: '清单名称' }).fill(`推演 ${Date.now()}`);
  await dialog.getByRole('button', { name: '新建清单' }).click();
  await expect(dialog.getByText(`已列入 ${found} 宗`)).toBeVisible();
  await dialog.getByRole('button', { name: '打开清单' }).click();
  await expect(page.getByText(`${found} 行`, { exact: true })).toBeVisible();
  await readHeadings(page);
  await isSaved(page);
  await shot(page, 'lists-from-slider');
  const downloads = page.waitForEvent('download');
  await page.getByRole('button', { name: '导出与打印' }).click();
  await page.getByRole('menuitem', { name: 'Excel（XLSX）' }).click();
  const stream = await (await downloads).createReadStream();
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  const files = unzip(Buffer.concat(parts));
  const sheet = files.get('xl/worksheets/sheet1.xml') ?? '';
  // Column H: 占地面积. Excel adds doubles; the cells are the register's digits.
  const rows = [...sheet.matchAll(/<row r="(\d+)".*?<\/row>/gs)].map((it) => it[0]);
  const valueOf = (row: string) => row.match(/<c r="H\d+"[^>]*>(?:<f>[^<]*<\/f>)?<v>([^<]*)<\/v>/)?.[1];
  const figures = rows.slice(1, -1).map(valueOf);
  expect(figures).toHaveLength(found);
  const cents = (it: number) => Math.round(it * 100) / 100;
  const own = figures.reduce((all, it) => all + Number(it), 0);
  const onScreen = await foot(page, '占地面积');
  expect(cents(own)).toBe(cents(Number(onScreen)));
  expect(rows.at(-1)).toMatch(/<c r="H\d+"[^>]*><f>SUM\(H2:H\d+\)<\/f>/);
  expect(Number(valueOf(rows.at(-1) ?? ''))).toBe(Number(onScreen));
  // As CSV, the same rows.
  const other = page.waitForEvent('download');
  await page.getByRole('button', { name: '导出与打印' }).click();
  await page.getByRole('menuitem', { name: 'CSV' }).click();
  const lines: Buffer[] = [];
  for await (const part of await (await other).createReadStream()) lines.push(part as Buffer);
  const text = Buffer.concat(lines).toString('utf8');
  expect(text.trim().split('\n')).toHaveLength(found + 1);
  expect(errors).toEqual([]);
});

test('parcels come from a filter, a town and a saved scenario; a list is submitted, closed, and written no more', async ({
  page,
}) => {
  test.slow();
  await signIn(page, admin, '/lists');
  const { id } = await newList(page, `来源 ${Date.now()}`, await codes(page, 1, 70));
  const scenario = `情景 ${Date.now()}`;
  const { rule_sets: sets } = await call<{ rule_sets: { layer: string; id: string; on_request: boolean }[] }>(
    page,
    'GET',
    '/api/v1/rule_sets',
  );
  const set = sets.find((it) => !it.on_request);
  await call(page, 'POST', '/api/v1/scenarios', {
    title: scenario,
    layer: set?.layer,
    ruleset: set?.id,
    changes: { parameters: { tax_floor: 9 }, rules: {} },
  });
  await openList(page, id);
  await readHeadings(page);
  const add = async (source: string, fill: (dialog: Locator) => Promise<void>) => {
    await page.getByRole('button', { name: '添加地块' }).click();
    const dialog = page.getByRole('dialog', { name: '添加地块' });
    await dialog.getByText(source, { exact: true }).click();
    await fill(dialog);
    await dialog.getByRole('button', { name: '添加地块' }).click();
    await expect(dialog.getByText(/^已列入 [1-9]\d* 宗$/)).toBeVisible();
    await dialog.getByRole('button', { name: /完\s*成/ }).click();
    await expect(dialog).toBeHidden();
  };
  const pick = async (field: Locator, option: string | RegExp) => {
    await field.click();
    await page.locator('.ant-select-item-option:visible').filter({ hasText: option }).first().click();
  };
  await add('筛选条件', async (dialog) => {
    await pick(dialog.getByRole('combobox', { name: '选择图层' }), '现状工业用地');
    await expect(dialog.getByText('area_mu', { exact: true })).toBeVisible();
    await dialog.getByRole('textbox', { name: '筛选条件' }).fill('area_mu > 25');
  });
  await add('街镇', (dialog) => pick(dialog.getByRole('combobox', { name: '选择街镇' }), /\d+ 宗/));
  await add('已存情景', (dialog) => pick(dialog.getByRole('combobox', { name: '选择情景' }), scenario));
  await page.getByRole('button', { name: '提交责任单位' }).click();
  await page.getByRole('tooltip').getByRole('button', { name: '提交责任单位' }).click();
  await expect(page.locator('.list-head').getByText('已提交')).toBeVisible();
  await page.getByRole('button', { name: /办\s*结/ }).click();
  await page
    .getByRole('tooltip')
    .getByRole('button', { name: /办\s*结/ })
    .click();
  await expect(page.locator('.list-head').getByText('已办结')).toBeVisible();
  await cell(page, 0, '责任人').click();
  await page.keyboard.type('迟');
  await expect(page.getByText('清单已办结，不能再修改')).toBeVisible();
  await expect(cell(page, 0, '责任人')).toHaveText('');
  await isSaved(page);
});
