// Behind a proxy that serves Mutu under a prefix: nothing may be asked for outside of it.
import { expect, test } from '@playwright/test';
import { clickParcel, steward, waitForMap, watchErrors } from './support';

test.use({ storageState: steward });

const prefix = '/land/mutu';

test('the web map works under a prefix', async ({ page, baseURL }) => {
  const errors = watchErrors(page);
  const outside: string[] = [];
  const own = new URL(baseURL ?? '');
  // The proxy: takes the prefix off, and writes it into the page as the server does when it is told of one.
  await page.context().route(
    (url) => url.host === own.host,
    async (route) => {
      const asked = new URL(route.request().url());
      if (!asked.pathname.startsWith(`${prefix}/`)) {
        outside.push(asked.pathname);
        return route.abort();
      }
      const inner = `${own.origin}${asked.pathname.slice(prefix.length)}${asked.search}`;
      // What a page asked for that was left meanwhile is given up.
      const response = await route.fetch({ url: inner }).catch(() => null);
      if (response === null) return;
      const html = response.headers()['content-type']?.startsWith('text/html');
      const text = html
        ? (await response.text()).replace(/<base href="[^"]*"/, `<base href="${prefix}/"`)
        : null;
      await route.fulfill(text === null ? { response } : { response, body: text }).catch(() => null);
    },
  );
  await page.goto(`${prefix}/`);
  await waitForMap(page);
  await clickParcel(page);
  await expect(page.locator('[data-verdict]')).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(`${prefix}/`);

  await test.step('other programs are given addresses with the prefix', async () => {
    await page.getByRole('button', { name: '成果共享' }).click();
    await expect(page.getByText(`${own.origin}${prefix}/ogc`, { exact: true })).toBeVisible();
    await page.getByRole('dialog').press('Escape');
  });

  await test.step('the dossier has its page, from which one comes back', async () => {
    await page.getByRole('link', { name: '整页查看' }).click();
    await expect(page).toHaveURL(new RegExp(`${prefix}/d/`));
    await expect(page.locator('[data-verdict]')).toBeVisible();
    await page.getByRole('link', { name: '在地图上查看' }).click();
    await waitForMap(page);
    expect(new URL(page.url()).pathname).toBe(`${prefix}/`);
  });

  await test.step('so have accounts', async () => {
    await page.goto(`${prefix}/account`);
    await expect(page.getByRole('heading', { name: '我的账户' })).toBeVisible();
    await page.goto(`${prefix}/sign-in?to=/account`);
    await page.getByRole('link', { name: /继\s*续/ }).click();
    await expect(page).toHaveURL(new RegExp(`${prefix}/account$`));
  });
  expect(outside).toEqual([]);
  expect(errors).toEqual([]);
});
