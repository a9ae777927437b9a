// Who sees what, from the first sign-in to the last line of the audit log. One story, so the order matters.
import { expect, request, test, type APIRequestContext, type Page } from '@playwright/test';
import { admin, badge, chooseInMenu, fillSignIn, signIn, viewAs } from './session';
import { dossierOf, watchErrors } from './support';

test.describe.configure({ mode: 'serial' });

// The servers of a run are new, and so are the accounts.
const tokens = 'QGIS 办公电脑';
const officer = { account: 'zhang.wei', password: 'Quiet-Harbour7' };

/** A caller of the API that has no cookie. */
async function script(baseURL: string | undefined, token: string): Promise<APIRequestContext> {
  return request.newContext({
    baseURL: baseURL ?? '',
    extraHTTPHeaders: { authorization: `Bearer ${token}` },
  });
}

type Feature = { properties: { parcel_code: string; responsible_unit: string } };

/** A low parcel and the unit that answers for it. */
async function lowParcel(page: Page): Promise<Feature['properties']> {
  const response = await page.request.get('/ogc/collections/low_efficiency/items?verdict=low&limit=1');
  const found = ((await response.json()) as { features: Feature[] }).features[0];
  if (!found) throw new Error('the sample has no low parcel');
  return found.properties;
}

test('a wrong password is refused in plain words, the right one leads back', async ({ page }) => {
  test.skip(admin.password === '', 'MUTU_ADMIN_PASSWORD is missing; scripts/e2e makes the account');
  await page.goto('/account');
  await expect(page.getByText('请先登录后查看此页')).toBeVisible();
  await page
    .getByRole('main')
    .getByRole('link', { name: /登\s*录/ })
    .click();
  await fillSignIn(page, { ...admin, password: 'not-the-password' });
  await expect(page.getByRole('alert')).toContainText('账户或密码不正确');
  await fillSignIn(page, { account: 'nobody-of-that-name', password: 'not-the-password' });
  await expect(page.getByRole('alert')).toContainText('账户或密码不正确');
  await fillSignIn(page, admin);
  await expect(page).toHaveURL(/\/account$/);
  await expect(badge(page, admin.account)).toContainText('系统管理员');
  await expect(page.getByRole('heading', { name: '我的账户' })).toBeVisible();
});

test('a link to another site leads to the map', async ({ page, baseURL }) => {
  await page.goto('/sign-in?to=//evil.example/');
  await fillSignIn(page, admin);
  await expect(page.getByRole('combobox', { name: '搜索' })).toBeVisible();
  expect(new URL(page.url()).origin).toBe(new URL(baseURL ?? '').origin);
});

test('a token is shown once, reads in a script, and reads no more when revoked', async ({
  page,
  baseURL,
}, info) => {
  // Another one when the walk is repeated: the first is still listed.
  const tokenName = `${tokens} ${String(info.retry + 1)}`;
  await signIn(page, admin, '/account');
  await page.getByRole('button', { name: '新建令牌' }).click();
  const form = page.getByRole('dialog', { name: '新建令牌' });
  await form.getByRole('textbox', { name: '名称' }).fill(tokenName);
  await form.getByRole('button', { name: /创\s*建/ }).click();
  const shown = page.getByRole('dialog', { name: `令牌“${tokenName}”已创建` });
  const secret = await shown.getByLabel('访问令牌', { exact: true }).innerText();
  expect(secret.length).toBeGreaterThan(30);
  const curl = shown.getByRole('tab', { name: 'curl' });
  // A click while the dialog still grows, on a busy machine, meets nothing.
  await expect(async () => {
    await curl.click();
    await expect(curl).toHaveAttribute('aria-selected', 'true', { timeout: 1000 });
  }).toPass();
  await expect(shown.getByLabel('命令', { exact: true })).toContainText(
    `"${new URL(baseURL ?? '').origin}/ogc/collections"`,
  );
  await shown.getByRole('button', { name: /完\s*成/ }).click();
  await expect(page.getByText(secret)).toHaveCount(0);

  const caller = await script(baseURL, secret);
  expect((await caller.get('/ogc/collections/low_efficiency/items?limit=1')).status()).toBe(200);
  // A viewer's token administers nothing, whosever it is.
  expect((await caller.get('/api/v1/accounts')).status()).toBe(403);

  await page.reload();
  await page.getByRole('button', { name: `吊销 ${tokenName}` }).click();
  await page
    .getByRole('tooltip')
    .getByRole('button', { name: /吊\s*销/ })
    .click();
  await expect(page.getByRole('row', { name: tokenName })).toContainText('吊销');
  await expect(page.getByRole('button', { name: `吊销 ${tokenName}` })).toHaveCount(0);
  expect((await caller.get('/ogc/collections')).status()).toBe(401);
  await caller.dispose();
});

test('an administrator makes an officer of a unit, whose link works once', async ({ page, browser }) => {
  const errors = watchErrors(page);
  await signIn(page, admin, '/admin');
  const { responsible_unit: unit, parcel_code: code } = await lowParcel(page);
  await page.getByRole('button', { name: '新建账户' }).click();
  const form = page.getByRole('dialog', { name: '新建账户' });
  await form.getByRole('textbox', { name: '账户' }).fill(officer.account);
  await form.getByRole('textbox', { name: '姓名或称呼' }).fill('安亭经办');
  await form.getByRole('combobox', { name: '角色' }).click();
  await page.getByTitle('经办人', { exact: true }).last().click();
  await form.getByRole('combobox', { name: '责任单位' }).click();
  // Offered because parcels have it.
  await page.getByTitle(unit, { exact: true }).click();
  await page.keyboard.press('Escape');
  await form.getByRole('button', { name: '创建并生成登录链接' }).click();
  const given = page.getByRole('dialog', { name: `${officer.account} 的一次性登录链接` });
  const link = await given.getByLabel('一次性登录链接', { exact: true }).innerText();
  await given.getByRole('button', { name: /完\s*成/ }).click();
  const row = page.getByRole('row', { name: officer.account });
  for (const it of ['安亭经办', '经办人', unit, '未设密码']) await expect(row).toContainText(it);
  expect(errors).toEqual([]);

  const own = await browser.newContext({ locale: 'zh-CN' });
  const officers = await own.newPage();
  await test.step('the link signs in, and a password is set', async () => {
    await officers.goto(link);
    await expect(badge(officers, officer.account)).toContainText('经办人');
    await expect(badge(officers, officer.account)).toContainText(unit);
    await officers.getByRole('link', { name: '设置密码' }).click();
    await expect(officers.getByRole('textbox', { name: '当前密码' })).toHaveCount(0);
    const first = officers.getByRole('textbox', { name: '新密码', exact: true });
    await first.fill('short');
    await expect(officers.locator('.password-rules .met')).toHaveCount(1);
    await first.fill(officer.password);
    await expect(officers.locator('.password-rules .met')).toHaveCount(3);
    await officers.getByRole('textbox', { name: '再输入一次新密码' }).fill(`${officer.password}x`);
    await officers.getByRole('button', { name: '设置密码' }).click();
    await expect(officers.getByText('两次输入的密码不一致')).toBeVisible();
    await officers.getByRole('textbox', { name: '再输入一次新密码' }).fill(officer.password);
    await officers.getByRole('button', { name: '设置密码' }).click();
    await expect(officers.getByText('密码已修改')).toBeVisible();
  });
  await test.step('the officer reads the figures of the own unit', async () => {
    await officers.goto(`/d/${encodeURIComponent(code)}`);
    await expect(officers.locator('[data-verdict="low"]')).toBeVisible();
  });
  await own.close();

  const late = await browser.newContext();
  const second = await late.newPage();
  await second.goto(link);
  await expect(second.getByText('经办人')).toHaveCount(0);
  await late.close();
});

test('the keyboard alone signs in', async ({ page }) => {
  await page.goto('/sign-in');
  await expect(page.getByRole('textbox', { name: '账户' })).toBeFocused();
  await page.keyboard.type(officer.account);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('textbox', { name: '密码' })).toBeFocused();
  await page.keyboard.type(officer.password);
  await page.keyboard.press('Enter');
  await expect(badge(page, officer.account)).toBeVisible();
  await badge(page, officer.account).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: '我的账户' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: '用户管理' })).toHaveCount(0);
});

test('the administration is for administrators, and says so', async ({ page }) => {
  await signIn(page, officer, '/admin');
  await expect(page.getByText('此页仅供系统管理员使用，您当前的角色是“经办人”')).toBeVisible();
});

test('as the public one sees no figures, and then one’s own again', async ({ page }) => {
  await signIn(page, admin, '/account');
  const { parcel_code: code } = await lowParcel(page);
  await page.goto(`/?sel=${encodeURIComponent(code)}&v=1`);
  const dossier = dossierOf(page);
  await expect(dossier.locator('[data-verdict="low"]')).toBeVisible();
  await viewAs(page, admin.account, '公众');
  const bar = page.getByRole('status').filter({ hasText: '正在以“公众”身份查看' });
  await expect(bar).toBeVisible();
  expect(page.url()).toContain(`sel=${encodeURIComponent(code)}`);
  await expect(dossier.locator('[data-verdict="withheld"]')).toBeVisible();
  await dossier.getByRole('tab', { name: '效益' }).click();
  await expect(dossier.getByRole('tabpanel', { name: '效益' })).toHaveText('登录后可查看');
  expect((await page.request.get('/api/v1/accounts')).ok()).toBe(false);
  await page.goto('/account');
  await expect(page.getByRole('button', { name: '新建令牌' })).toBeDisabled();

  await bar.getByRole('button', { name: '恢复为系统管理员' }).click();
  await expect(bar).toHaveCount(0);
  await page.goto(`/?sel=${encodeURIComponent(code)}&v=1`);
  await expect(dossier.locator('[data-verdict="low"]')).toBeVisible();
});

test('who is disabled is told, and keeps what is on the page', async ({ page, browser }) => {
  const own = await browser.newContext({ locale: 'zh-CN' });
  const officers = await own.newPage();
  await signIn(officers, officer, '/account');
  await officers.getByRole('button', { name: '新建令牌' }).click();
  const form = officers.getByRole('dialog', { name: '新建令牌' });
  await form.getByRole('textbox', { name: '名称' }).fill('周报脚本');

  await signIn(page, admin, '/admin');
  const row = page.getByRole('row', { name: officer.account });
  await row.getByRole('button', { name: /更多操作/ }).click();
  await page.getByRole('menuitem', { name: '停用' }).click();
  await expect(row).toContainText('停用');

  await form.getByRole('button', { name: /创\s*建/ }).click();
  await expect(officers.getByRole('status').filter({ hasText: '已退出登录' })).toBeVisible();
  await expect(form.getByRole('textbox', { name: '名称' })).toHaveValue('周报脚本');
  await form.getByRole('button', { name: /取\s*消/ }).click();

  await test.step('enabled again, the page goes on where it was', async () => {
    await row.getByRole('button', { name: /更多操作/ }).click();
    await page.getByRole('menuitem', { name: '启用' }).click();
    await expect(row).toContainText('正常');
    await officers.getByRole('link', { name: '重新登录' }).click();
    await fillSignIn(officers, officer);
    await expect(officers.getByRole('status').filter({ hasText: '已退出登录' })).toHaveCount(0);
    await expect(officers.getByRole('heading', { name: '我的账户' })).toBeVisible();
  });
  await chooseInMenu(officers, officer.account, '退出登录');
  await expect(officers.getByText('请先登录后查看此页')).toBeVisible();
  await own.close();
});

test('the audit log tells all of it, in both languages', async ({ page }) => {
  const errors = watchErrors(page);
  await signIn(page, admin, '/admin?tab=audit');
  const table = page.getByRole('table');
  const row = (...texts: string[]) =>
    texts.reduce((rows, text) => rows.filter({ hasText: text }), table.getByRole('row')).first();
  await expect(row('创建账户', officer.account, '经办人')).toBeVisible();
  await expect(row('生成登录链接', officer.account)).toBeVisible();
  await expect(row('创建令牌', tokens).first()).toBeVisible();
  await expect(row('吊销令牌', tokens).first()).toBeVisible();
  await expect(row('切换查看身份', '公众')).toBeVisible();
  await expect(row('修改账户', officer.account, '否 → 是')).toContainText('停用');
  await expect(row('登录失败', admin.account)).toContainText('密码不正确');
  // People type passwords into the wrong field: of names that are nobody's none is kept.
  for (const secret of [admin.password, officer.password, 'not-the-password', 'nobody-of-that-name']) {
    await expect(table).not.toContainText(secret);
  }

  await page.getByRole('combobox', { name: '按操作筛选' }).click();
  await page.getByTitle('登录失败', { exact: true }).click();
  await expect(row('创建账户')).toHaveCount(0);
  await expect(page).toHaveURL(/tab=audit&action=sign_in_failed/);
  await page.reload();
  await expect(row('登录失败')).toBeVisible();
  await expect(row('创建账户')).toHaveCount(0);

  await page.getByText('EN', { exact: true }).click();
  await expect(page.getByRole('heading', { name: 'User administration' })).toBeVisible();
  await expect(row('Sign-in failed')).toBeVisible();
  await page.getByRole('tab', { name: 'Accounts' }).click();
  await expect(page.getByRole('row', { name: officer.account })).toContainText('Officer');
  expect(errors).toEqual([]);
});

test('five wrong passwords lock the account, and an administrator unlocks it', async ({ page, browser }) => {
  const own = await browser.newContext({ locale: 'zh-CN' });
  const officers = await own.newPage();
  await officers.goto('/sign-in');
  // To whoever tries it does not say so: even the right password is answered as wrong ones are.
  const guesses = [...Array<string>(5).fill('not-the-password'), officer.password];
  for (const password of guesses) {
    const answered = officers.waitForResponse((it) => it.url().endsWith('/api/v1/session') && !it.ok());
    await fillSignIn(officers, { ...officer, password });
    await answered;
    await expect(officers.getByRole('alert')).toContainText('多次失败会使账户锁定');
  }
  await signIn(page, admin, '/admin');
  const row = page.getByRole('row', { name: officer.account });
  await expect(row).toContainText('锁定至');
  await row.getByRole('button', { name: /更多操作/ }).click();
  await page.getByRole('menuitem', { name: '解除锁定' }).click();
  await expect(row).toContainText('正常');
  await fillSignIn(officers, officer);
  await expect(badge(officers, officer.account)).toBeVisible();
  await own.close();
});
