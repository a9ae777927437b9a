// Parcels that one comes upon on the map or in a dossier, put into a list without leaving where one is.
import { expect, test, type Page } from '@playwright/test';
import { accessible, call, codes, newList, shot } from './lists';
import { admin, signIn } from './session';
import { waitForMap, watchErrors } from './support';

test.use({ viewport: { width: 1366, height: 768 }, actionTimeout: 20_000 });
test.skip(admin.password === '', 'MUTU_ADMIN_PASSWORD is missing; scripts/e2e makes the account');

async function into(page: Page, list: string, button: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: '加入清单' });
  await dialog.getByRole('combobox', { name: '加入哪个清单' }).fill(list);
  await page
    .locator('.ant-select-dropdown:visible .ant-select-item-option')
    .filter({ hasText: list })
    .click();
  await dialog.getByRole('button', { name: button }).click();
}

test('a parcel goes into a list from its dossier, and several from the selection', async ({ page }) => {
  const errors = watchErrors(page);
  await signIn(page, admin, '/lists');
  const [first = '', second = '', third = '', fourth = ''] = await codes(page, 4, 230);

  // Walks before this one leave none; a second try finds the first one's.
  const { lists } = await call<{ lists: unknown[] }>(page, 'GET', '/api/v1/lists');
  if (lists.length === 0) {
    await test.step('the first list of all is made at once, and told of', async () => {
      await page.goto(`/d/${fourth}`);
      await page.getByRole('button', { name: '加入清单' }).click();
      const dialog = page.getByRole('dialog', { name: '新建清单' });
      await dialog.getByRole('textbox', { name: '清单名称' }).fill('第一张清单');
      await dialog.getByRole('button', { name: '新建清单' }).click();
      await expect(dialog.getByText('已列入 1 宗')).toBeVisible();
      await dialog.getByRole('button', { name: '打开清单' }).click();
      await expect(page).toHaveURL(/\/lists\/\d+/);
    });
  }
  const name = `零散 ${Date.now()}`;
  const { id } = await newList(page, name, [first]);

  await test.step('from the panel beside the map', async () => {
    await page.goto(`/?sel=${second}`);
    await waitForMap(page);
    await page.locator('.dossier-panel').getByRole('button', { name: '加入清单' }).click();
    const dialog = page.getByRole('dialog', { name: '加入清单' });
    await expect(dialog.getByRole('button', { name: '加入 1 宗' })).toBeDisabled();
    await accessible(page, '.ant-modal');
    await shot(page, 'into-list');
    await into(page, name, '加入 1 宗');
    await expect(dialog.getByText('已列入 1 宗')).toBeVisible();
    // Without leaving the map.
    await dialog.getByRole('button', { name: /^完\s?成$/ }).click();
    await expect(dialog).toBeHidden();
    await expect(page).toHaveURL(new RegExp(`sel=${second}`));
  });

  await test.step('what is in it already is told', async () => {
    await page.goto(`/?s=${second}&s=${third}`);
    await waitForMap(page);
    await page.getByRole('region', { name: '选择' }).getByRole('button', { name: '加入清单' }).click();
    await into(page, name, '加入 2 宗');
    const dialog = page.getByRole('dialog', { name: '加入清单' });
    await expect(dialog.getByText('已列入 1 宗')).toBeVisible();
    await expect(dialog.getByText(second)).toBeVisible();
    await dialog.getByRole('button', { name: '打开清单' }).click();
    await expect(page).toHaveURL(new RegExp(`/lists/${id}`));
    await expect(page.getByText('3 行', { exact: true })).toBeVisible();
  });

  await test.step('into a new list from the page of a dossier', async () => {
    await page.goto(`/d/${third}`);
    await page.getByRole('button', { name: '加入清单' }).click();
    await page.getByRole('dialog', { name: '加入清单' }).getByRole('button', { name: '新建清单' }).click();
    const dialog = page.getByRole('dialog', { name: '新建清单' });
    await expect(dialog.getByRole('textbox', { name: '地块编码' })).toHaveValue(third);
  });
  expect(errors).toEqual([]);
});

test('who keeps no lists is not offered any', async ({ page }) => {
  await page.goto('/');
  const [code = ''] = await codes(page, 1);
  await page.goto(`/d/${code}`);
  await expect(page.getByRole('heading', { name: code })).toBeVisible();
  await expect(page.getByRole('button', { name: '复制链接' })).toBeVisible();
  await expect(page.getByRole('button', { name: '加入清单' })).toBeHidden();
});
