// A run from its draft to the objection that is decided, as the offices go through it.
import { expect, test } from '@playwright/test';
import { expectAccessible, picture } from './checks';
import { admin, signIn } from './session';
import { watchErrors } from './support';

test.describe.configure({ mode: 'serial' });

test('nobody reads runs without an account', async ({ page }) => {
  await page.goto('/runs');
  await expect(page.getByText('请先登录后查看此页')).toBeVisible();
});

test('a draft is ranked, published, objected to and decided', async ({ page }) => {
  test.skip(admin.password === '', 'MUTU_ADMIN_PASSWORD is missing; scripts/e2e makes the account');
  const errors = watchErrors(page);
  await page.setViewportSize({ width: 1366, height: 768 });
  await signIn(page, admin, '/runs');
  await page.getByRole('link', { name: /第 \d+ 次/ }).click();
  await expect(page.getByRole('heading', { name: /第 \d+ 次评价/ })).toBeVisible();
  // The best of the ranking, with its score item by item.
  const rows = page.getByRole('table').first().getByRole('row');
  await expect(rows.nth(1)).toBeVisible();
  const first = page.locator('.ranking tbody .ant-table-row').first();
  await expect(first).toContainText('A');
  await first.getByRole('button').click();
  const drawer = page.getByRole('dialog');
  await expect(drawer.getByText('亩均税收')).toBeVisible();
  await expect(drawer.getByText('前四分之一').first()).toBeVisible();
  if (process.env['MUTU_PICTURES']) await page.screenshot({ path: 'test-results/runs-enterprise.png' });
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
  if (process.env['MUTU_PICTURES']) await page.screenshot({ path: 'test-results/runs-ranking.png' });

  await page.getByRole('button', { name: /公\s*示/ }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /公\s*示/ })
    .click();
  await expect(page.getByText('公示中')).toBeVisible();
  // What it found cannot be made final before the days are over.
  await page.getByRole('button', { name: /定\s*稿/ }).click();
  await page.getByRole('button', { name: /确\s*定/ }).click();
  await expect(page.getByText('尚未结束')).toBeVisible();

  await first.getByRole('button').click();
  await drawer.getByLabel('异议内容').fill('漏计一宗租入地');
  await drawer.getByLabel('证明材料').fill('租赁合同 2025-17');
  await drawer.getByRole('button', { name: /登\s*记/ }).click();
  await expect(page.getByText('异议已登记')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
  await page.getByRole('tab', { name: /异议/ }).click();
  await expect(page.getByText('漏计一宗租入地')).toBeVisible();
  if (process.env['MUTU_PICTURES']) await page.screenshot({ path: 'test-results/runs-objections.png' });
  await page.getByRole('textbox', { name: '处理意见' }).fill('与用地关系台账一致');
  await page.getByRole('button', { name: '不成立' }).click();
  await expect(page.getByText('与用地关系台账一致')).toBeVisible();
  // The browser notes the refusal too.
  expect(errors.filter((it) => !it.includes('409'))).toEqual([]);
});

test('a scheme that is misspelt is told where, and a right one what it would change', async ({ page }) => {
  test.skip(admin.password === '', 'MUTU_ADMIN_PASSWORD is missing; scripts/e2e makes the account');
  await page.setViewportSize({ width: 1366, height: 768 });
  await signIn(page, admin, '/runs');
  await page.getByRole('tab', { name: '计分方案' }).click();
  const text = page.getByRole('textbox', { name: '方案文本' });
  const written = await text.inputValue();
  await text.fill(written.replace('tax_wan_per_mu', 'tax_wan_per_mv'));
  await page.getByRole('button', { name: '检查并试算' }).click();
  await expect(page.getByText('did you mean `tax_wan_per_mu`?')).toBeVisible();
  await text.fill(written);
  await page.getByRole('button', { name: '检查并试算' }).click();
  await expect(page.getByText('等级与该次评价不同的企业：0 户')).toBeVisible();
  if (process.env['MUTU_PICTURES'])
    await page.screenshot({ path: 'test-results/runs-schemes.png', fullPage: true });
});

test('a scheme is saved with its day and document, and not while it is faulty', async ({ page }) => {
  test.skip(admin.password === '', 'MUTU_ADMIN_PASSWORD is missing; scripts/e2e makes the account');
  await page.setViewportSize({ width: 1366, height: 768 });
  await signIn(page, admin, '/runs');
  await page.getByRole('tab', { name: '计分方案' }).click();
  const text = page.getByRole('textbox', { name: '方案文本' });
  const written = await text.inputValue();
  const form = page.getByRole('region', { name: '保存为新版本' });
  await form.getByLabel('生效日期').fill('2031-01-01');
  await form.getByLabel('依据文件及文号').fill('某办发〔2030〕2号');
  await text.fill(written.replace('tax_wan_per_mu', 'tax_wan_per_mv'));
  await form.getByRole('button', { name: /保\s*存/ }).click();
  await expect(form.getByRole('alert')).toContainText('did you mean `tax_wan_per_mu`?');
  await text.fill(written);
  await form.getByRole('button', { name: /保\s*存/ }).click();
  await expect(page.locator('.scheme-versions tbody tr')).toHaveCount(1);
  await expect(page.locator('.scheme-versions')).toContainText('某办发〔2030〕2号');
  await picture(page, 'runs-scheme-saved', true);
  await expectAccessible(page);
});

test('an evaluation is started, followed and found in the list', async ({ page }) => {
  test.skip(admin.password === '', 'MUTU_ADMIN_PASSWORD is missing; scripts/e2e makes the account');
  const errors = watchErrors(page);
  await page.setViewportSize({ width: 1366, height: 768 });
  await signIn(page, admin, '/runs');
  const rows = page.locator('.runs-page .ant-table-tbody .ant-table-row');
  await expect(rows.first()).toBeVisible();
  const before = await rows.count();
  await page.getByRole('button', { name: '开始评价' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('计算叠加、指标、得分与判定')).toBeVisible();
  await picture(page, 'runs-start');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: '开始评价' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(/第 \d+ 次评价已完成/)).toBeVisible({ timeout: 60_000 });
  await expect(rows).toHaveCount(before + 1);
  await picture(page, 'runs-done');
  await page.getByRole('link', { name: /次评价已完成/ }).click();
  await expect(page.getByRole('heading', { name: /第 \d+ 次评价/ })).toContainText('草稿');
  expect(errors).toEqual([]);
});

test('notices are in the header of every page', async ({ page }) => {
  test.skip(admin.password === '', 'MUTU_ADMIN_PASSWORD is missing; scripts/e2e makes the account');
  await page.setViewportSize({ width: 1366, height: 768 });
  await signIn(page, admin, '/runs');
  await page.getByRole('button', { name: '消息' }).click();
  await expect(page.getByRole('dialog')).toContainText(/没有消息|被退回/);
  await expectAccessible(page);
});
