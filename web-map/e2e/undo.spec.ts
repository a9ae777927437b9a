// Undo and redo of everything on a list's page: cells and blocks, steps, milestones, added parcels. What was an event is taken
// back by an event: both stay in the history. What stays for good says so before it is done.
import { expect, test, type Locator, type Page } from '@playwright/test';
import { call, codes, newList, openList, pasteCells } from './lists';
import { admin, signIn } from './session';
import { watchErrors } from './support';

const year = new Date().getFullYear();

test.use({ viewport: { width: 1366, height: 768 }, actionTimeout: 20_000 });
test.skip(admin.password === '', 'MUTU_ADMIN_PASSWORD is missing; scripts/e2e makes the account');

test('steps, milestones, added parcels and cells are undone and done again, the last first', async ({
  page,
}) => {
  test.setTimeout(180_000);
  const errors = watchErrors(page);
  await signIn(page, admin, '/lists');
  const { id, cases } = await newList(page, `撤销 ${Date.now()}`, await codes(page, 3, 80));
  const code = cases[0] ?? '';
  await openList(page, id);
  const headings = (await page.getByRole('columnheader').allTextContents()).map((it) =>
    it.replace(/（.*$/, ''),
  );
  const cell = (row: number, heading: string): Locator =>
    page.locator(`[data-row="${row}"]`).locator(`[data-col="${headings.indexOf(heading)}"]`);
  const isSaved = () => expect(page.locator('.saving')).toHaveText('已自动保存');
  const said = page.locator('.list-status [role="status"]');
  const events = async (): Promise<string[]> => {
    const found = await call<{ events: { kind: string; step: string | null }[] }>(
      page,
      'GET',
      `/api/v1/cases/${code}/events?limit=100`,
    );
    return found.events.map((it) => it.step ?? it.kind);
  };
  await cell(0, '处置路径').click();
  await pasteCells(page, `减量化\t5\t李四\t\t2026-01-01\t${year}-12-31\t立项${year}Q1；验收${year}Q2`);
  await isSaved();

  // Two steps and a milestone in the drawer; each says before whether it can be taken back.
  const drawer = page.getByRole('dialog', { name: new RegExp(code) });
  const open = async () => {
    await cell(0, '台账编码').click();
    await page.keyboard.press('Enter');
    await expect(drawer.locator('.case-steps')).toBeVisible();
  };
  const close = async () => {
    await page.keyboard.press('Escape');
    await expect(drawer).toBeHidden();
  };
  const step = async (name: RegExp, note: RegExp, reason?: string) => {
    await drawer.getByRole('button', { name }).click();
    const dialog = page.getByRole('dialog', { name });
    await expect(dialog.getByText(note)).toBeVisible();
    if (reason) await dialog.getByRole('textbox', { name: '理由' }).fill(reason);
    await dialog.getByRole('button', { name }).click();
    await expect(dialog).toBeHidden();
  };
  await open();
  await step(/^筛\s*选$/, /可按 Ctrl\+Z 撤销：以“返回”办理/);
  await step(/^列入清单$/, /可按 Ctrl\+Z 撤销：以“返回”办理/);
  await step(/^启动整治$/, /可按 Ctrl\+Z 撤销：以“返回”办理/);
  const milestone = drawer.locator('.milestones li').filter({ hasText: '立项' });
  await milestone.getByRole('button', { name: /完\s*成/ }).click();
  await expect(milestone).toHaveClass(/reached/);
  await expect(drawer.getByText('登记后不能撤销，请核对面积。')).toBeVisible();
  await close();
  await expect(cell(0, '当前状态')).toHaveText('整治中');

  const press = async (key: string, what: RegExp) => {
    await page.locator('.sheet-editor').focus();
    await page.keyboard.press(key);
    await expect(said).toHaveText(what);
  };
  await press('Control+z', /^已撤销：完成 立项/);
  await press('Control+z', /^已撤销：启动整治/);
  await expect(cell(0, '当前状态')).toHaveText('列入');
  await press('Control+z', /^已撤销：列入清单/);
  await press('Control+z', /^已撤销：筛选/);
  await expect(cell(0, '当前状态')).toHaveText('查找');
  // Below the steps lies the pasted block.
  await press('Control+z', /^已撤销：粘贴/);
  await expect(cell(0, '处置路径')).toHaveText('');
  await isSaved();
  await press('Control+y', /^已重做：粘贴/);
  await isSaved();
  await press('Control+y', /^已重做：筛选/);
  await press('Control+y', /^已重做：列入清单/);
  await expect(cell(0, '当前状态')).toHaveText('列入');
  // Nothing of it is gone: each way there and back is an event.
  const history = await events();
  expect(history.filter((it) => it === 'return')).toHaveLength(3);
  expect(history.filter((it) => it === 'verify' || it === 'list')).toHaveLength(4);
  expect(history.filter((it) => it === 'undo')).toHaveLength(1);
  expect(history.at(-1)).toBe('created');

  // Parcels that were added by mistake are rejected, and restored by redo.
  await page.getByRole('button', { name: '添加地块' }).click();
  const adding = page.getByRole('dialog', { name: '添加地块' });
  await expect(adding.getByText('不多于 200 宗时可按 Ctrl+Z 撤销')).toBeVisible();
  await adding.getByRole('textbox', { name: '地块编码' }).fill((await codes(page, 2, 90)).join('\n'));
  await adding.getByRole('button', { name: '添加地块' }).click();
  await expect(adding.getByText('已列入 2 宗')).toBeVisible();
  await adding.getByRole('button', { name: /完\s*成/ }).click();
  await expect(cell(4, '当前状态')).toHaveText('查找');
  await press('Control+z', /^已撤销：添加 2 宗/);
  await expect(cell(3, '当前状态')).toHaveText('移出');
  await expect(cell(4, '当前状态')).toHaveText('移出');
  await press('Control+y', /^已重做：添加 2 宗/);
  await expect(cell(4, '当前状态')).toHaveText('查找');

  // A case that somebody else has moved since stays where it is, and it is said.
  await open();
  await step(/^返\s*回$/, /可按 Ctrl\+Z 撤销：以“列入清单”办理/, '面积待核');
  await close();
  await moveAsSomebodyElse(page, code);
  await expect(cell(0, '当前状态')).toHaveText('查找');
  await press('Control+z', /1 处之后已被修改，保留现状/);
  await expect(cell(0, '当前状态')).toHaveText('查找');

  // What nothing takes back says so before.
  await cell(1, '台账编码').click();
  await page.keyboard.press('Enter');
  const second = page.getByRole('dialog', { name: new RegExp(cases[1] ?? '') });
  await second.getByRole('button', { name: /^筛\s*选$/ }).click();
  const first = page.getByRole('dialog', { name: /^筛\s*选$/ });
  await first.getByRole('button', { name: /^筛\s*选$/ }).click();
  await expect(first).toBeHidden();
  await second.getByRole('button', { name: /^剔\s*除$/ }).click();
  await expect(page.getByRole('dialog', { name: /^剔\s*除$/ })).toContainText('办理后不能用 Ctrl+Z 撤销');
  expect(errors).toEqual([]);
});

/** Another window of the office returns the case once more. */
async function moveAsSomebodyElse(page: Page, code: string): Promise<void> {
  const sheet = await call<{ case: { row_id: number } }>(page, 'GET', `/api/v1/cases/${code}`);
  const status = await page.evaluate(
    async ([code, rowId]) => {
      const response = await fetch(`/api/v1/cases/${code}/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'if-match': `"${rowId}"` },
        body: JSON.stringify({ kind: 'transition', step: 'return', reason: '另行核对' }),
      });
      return response.status;
    },
    [code, sheet.case.row_id] as const,
  );
  expect(status).toBe(201);
}
