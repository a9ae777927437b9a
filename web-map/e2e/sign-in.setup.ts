// The sign-in link works once; its session is kept for every walk that needs one.
import { expect, test } from '@playwright/test';
import { steward } from './support';

test('the one-time link signs in', async ({ page }) => {
  const link = process.env['MUTU_SIGN_IN_URL'];
  if (!link) throw new Error('MUTU_SIGN_IN_URL is missing; scripts/e2e starts the servers and sets it');
  await page.goto(link);
  await expect(page.getByText('数据管理员')).toBeVisible();
  // Said once to whoever has no password; it would be in every picture.
  await page.getByRole('button', { name: '以后再说' }).click();
  await page.context().storageState({ path: steward });
  await page.goto(link);
  await expect(page.getByText('数据管理员')).toBeHidden();
});
