// Lists as officers make them: from pasted codes, a filter, a town, a saved scenario; submitted, and closed.
import { expect, test, type Locator } from '@playwright/test';
import { accessible, call, cell, codes, isSaved, newList, openList, readHeadings, shot } from './lists';
import { admin, signIn } from './session';
import { watchErrors } from './support';

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
