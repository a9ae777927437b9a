// Signing in and out as people do, for the walks of accounts.
import { expect, type Locator, type Page } from '@playwright/test';

/** Made by scripts/e2e. */
export const admin = {
  account: process.env['MUTU_ADMIN'] ?? 'admin',
  password: process.env['MUTU_ADMIN_PASSWORD'] ?? '',
};

type Person = { account: string; password: string };

/** Fills the form of the sign-in page or dialog that is open. */
export async function fillSignIn(page: Page, person: Person): Promise<void> {
  await page.getByRole('textbox', { name: /^(账户|Account)$/ }).fill(person.account);
  await page.getByRole('textbox', { name: /^(密码|Password)$/ }).fill(person.password);
  await page.getByRole('textbox', { name: /^(密码|Password)$/ }).press('Enter');
}

/** Signs in on the page `to`, through the sign-in page. */
export async function signIn(page: Page, person: Person, to: string): Promise<void> {
  await page.goto(`/sign-in?to=${encodeURIComponent(to)}`);
  await fillSignIn(page, person);
  await expect(badge(page, person.account)).toBeVisible();
}

/** Name, role and units in the header; the session's menu. */
export function badge(page: Page, account: string): Locator {
  return page.getByRole('button', { name: new RegExp(`^${account.replaceAll('.', '\\.')} · `) });
}

export async function chooseInMenu(page: Page, account: string, item: string | RegExp): Promise<void> {
  await badge(page, account).click();
  await page.getByRole('menuitem', { name: item }).click();
}

export async function viewAs(page: Page, account: string, role: string): Promise<void> {
  await badge(page, account).click();
  // While the menu still unfolds, its lines move away under the pointer, and what had opened beside one closes again.
  await expect(async () => {
    await page.mouse.move(0, 0);
    await page.getByRole('menuitem', { name: /以…身份查看|View as…/ }).hover({ timeout: 2_000 });
    await page.getByRole('menuitem', { name: role, exact: true }).click({ timeout: 2_000 });
  }).toPass();
}
