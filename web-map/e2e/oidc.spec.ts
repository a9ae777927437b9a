// Signing in at the identity provider of the office: through its own form and back, and out again.
import { expect, test, type Page } from '@playwright/test';
import { waitForMap, watchErrors } from './support';

// The portal's form asks for a typeface on the internet.
test.beforeEach(({ page }) => page.route(/^https:/, (route) => route.abort()));

async function signInAtPortal(page: Page, user: string): Promise<void> {
  await page.getByRole('link', { name: '使用测试门户登录' }).click();
  await page.waitForURL(/^http:\/\/localhost:\d+\/interaction\//);
  await page.getByPlaceholder('Enter any login').fill(user);
  await page.getByPlaceholder('and password').fill('anything');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('whom the office knows signs in at its portal, lands where they wanted, and signs out', async ({
  page,
}) => {
  await page.goto('/sign-in?to=%2Faccount');
  await signInAtPortal(page, 'li.ming');
  await page.waitForURL('**/account');
  // What the portal's own pages lack is not ours.
  const errors = watchErrors(page);
  await page.goto('/');
  await waitForMap(page);
  const badge = page.getByRole('button', { name: /^li · 经办人/ });
  await expect(badge).toBeVisible();
  expect(await (await page.request.get('/api/v1/session')).json()).toMatchObject({
    account: 'li',
    role: 'officer',
    means: 'oidc',
  });

  await badge.click();
  await page.getByRole('menuitem', { name: '退出登录' }).click();
  await expect(page.getByRole('button', { name: '登录' })).toBeVisible();
  expect((await (await page.request.get('/api/v1/session')).json()).account).toBeNull();
  expect(errors).toEqual([]);
});

test('the dialog on the map leads to the portal and back to the same view', async ({ page }) => {
  await page.goto('/?v=1');
  await waitForMap(page);
  await page.getByRole('button', { name: '登录' }).click();
  await signInAtPortal(page, 'li.ming');
  await waitForMap(page);
  await expect(page.getByRole('button', { name: /^li · / })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/');
});

test('whom the office does not know reads what to tell the administrator', async ({ page }) => {
  await page.goto('/sign-in?to=%2Faccount');
  await signInAtPortal(page, 'wang.wu');
  const refused = page.getByRole('alert').filter({ hasText: '没有与此身份对应的账户' });
  await expect(refused.getByLabel('统一身份认证标识', { exact: true })).toHaveText('wang.wu');
  expect((await (await page.request.get('/api/v1/session')).json()).account).toBeNull();

  // A link that somebody made up cannot name a stranger.
  await page.context().clearCookies({ name: 'mutu_oidc_subject' });
  await page.goto('/sign-in?error=oidc-unknown&subject=eve');
  await expect(refused).toBeVisible();
  await expect(page.getByText('eve')).toBeHidden();
});

test('whoever cancels at the portal is back at the sign-in page, and the code of another time is worth nothing', async ({
  page,
}) => {
  await page.goto('/sign-in');
  await page.getByRole('link', { name: '使用测试门户登录' }).click();
  await page.getByRole('link', { name: '[ Cancel ]' }).click();
  await expect(page.getByRole('alert')).toContainText('身份认证已取消');
  await page.goto('/sign-in/oidc/callback?code=a&state=b');
  await expect(page.getByRole('alert')).toContainText('请重新登录');
});
