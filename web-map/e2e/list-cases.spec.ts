// Cases worked through to acceptance, and versions of a list that keep their figures.
import { expect, test } from '@playwright/test';
import {
  accessible,
  cell,
  codes,
  isSaved,
  newList,
  openList,
  pasteCells,
  readHeadings,
  shot,
  year,
} from './lists';
import { admin, signIn } from './session';
import { watchErrors } from './support';

test.use({ viewport: { width: 1366, height: 768 }, actionTimeout: 20_000 });
test.skip(admin.password === '', 'MUTU_ADMIN_PASSWORD is missing; scripts/e2e makes the account');

test('a case goes from found to accepted, with its milestones, reasons and history', async ({ page }) => {
  test.slow();
  const errors = watchErrors(page);
  await signIn(page, admin, '/lists');
  const { id, cases } = await newList(page, `办理 ${Date.now()}`, await codes(page, 3, 40));
  const code = cases[0] ?? '';
  await openList(page, id);
  await readHeadings(page);
  await cell(page, 0, '处置路径').click();
  await pasteCells(page, `减量化\t5\t李四\t\t2026-01-01\t${year}-12-31\t立项${year}Q1；验收${year}Q2`);
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
