// The main menu where it has less room than entries: what is left out is under "更多", and works there.
import { expect, test } from '@playwright/test';
import { expectAccessible } from './checks';
import { steward, waitForMap, watchErrors } from './support';

test.use({ storageState: steward, viewport: { width: 1024, height: 768 } });

test('entries without room are under 更多, by pointer and by keys', async ({ page }) => {
  const errors = watchErrors(page);
  await page.goto('/');
  await waitForMap(page);
  const nav = page.getByRole('navigation', { name: '功能' });
  const more = nav.getByRole('button', { name: /更多/ });
  await expect(more).toBeVisible();
  const bar = await nav.locator('> *').allInnerTexts();
  await more.click();
  const items = page.getByRole('menu').getByRole('menuitem');
  await expect(items.first()).toBeVisible();
  await expectAccessible(page);
  // Each entry is in one of the two, none in both.
  const all = [...bar.filter((it) => !it.includes('更多')), ...(await items.allInnerTexts())].map((it) =>
    it.trim(),
  );
  expect(all).toEqual([
    '资源浏览',
    '对比分析',
    '查询统计',
    '专题制图',
    '成果共享',
    '图层目录',
    '规划选址',
    '盘活清单',
    '目标与排名',
    '规则推演',
    '评价与公示',
    '数据导入',
  ]);
  await page.keyboard.press('Escape');
  await expect(items.first()).toBeHidden();

  await test.step('an entry that opens something, and one that is a page', async () => {
    await more.focus();
    await page.keyboard.press('Enter');
    await items.filter({ hasText: '图层目录' }).click();
    await expect(page).toHaveURL(/\/layers/);
    await page.goBack();
    await waitForMap(page);
    await page.setViewportSize({ width: 760, height: 768 });
    await more.click();
    await items.filter({ hasText: '成果共享' }).click();
    const drawer = page.getByRole('dialog', { name: '成果共享' });
    await expect(drawer).toBeVisible();
    await drawer.getByRole('button', { name: '关闭' }).click();
    await expect(drawer).toBeHidden();
    await more.click();
    await items.filter({ hasText: '专题制图' }).click();
    await expect(page.getByRole('dialog', { name: '专题制图' })).toBeVisible();
  });
  expect(errors).toEqual([]);
});
