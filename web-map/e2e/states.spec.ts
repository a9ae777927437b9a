// Nothing blank while waiting, and every failure says what to do. The failures are made in the browser.
import { expect, test } from '@playwright/test';
import { layerTree, waitForMap } from './support';

const broken = { status: 500, contentType: 'application/problem+json', body: '{"title":"broken"}' };

test('a layer that fails has a badge and can be retried', async ({ page }) => {
  const tree = await layerTree(page);
  const layer = tree.layers.find((it) => it.visible && it.readable && it.role !== 'theme');
  if (!layer) throw new Error('no visible layer');
  const tiles = new RegExp(`/tiles/${layer.id}/`);
  await page.route(tiles, (route) => route.fulfill(broken));
  await page.goto('/');
  const badge = page.getByRole('button', { name: /加载失败 · 重试/ });
  await expect(badge).toBeVisible();
  await page.unroute(tiles);
  await badge.click();
  await expect(badge).toBeHidden();
  await waitForMap(page);
  await expect(badge).toBeHidden();
});

test('a failing layer list is explained and retried', async ({ page }) => {
  await page.route('**/api/v1/layers', (route) => route.fulfill(broken));
  await page.goto('/');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('图层目录加载失败', { timeout: 30_000 });
  await page.unroute('**/api/v1/layers');
  await alert.getByRole('button', { name: /重\s*试/ }).click();
  await waitForMap(page);
});

test('an unreachable server is named as such', async ({ page }) => {
  await page.route('**/api/v1/layers', (route) => route.abort());
  await page.goto('/');
  await expect(page.getByRole('alert')).toContainText('mutu up', { timeout: 30_000 });
});

test('a dossier shows a skeleton, and says when there is no such parcel', async ({ page }) => {
  await page.route('**/api/v1/parcels/**', async (route) => {
    await new Promise((done) => setTimeout(done, 1500));
    await route.continue();
  });
  await page.goto('/?sel=NO-SUCH-PARCEL&v=1');
  const dossier = page.getByRole('complementary', { name: '地块档案' });
  await expect(dossier.locator('.ant-skeleton')).toBeVisible();
  await expect(dossier).toContainText('未找到地块 NO-SUCH-PARCEL');
  await dossier.getByRole('button', { name: '关闭档案' }).click();
  await expect(dossier).toBeHidden();
  expect(page.url()).not.toContain('sel=');
});

test('a wrong token is refused in the dialog', async ({ page }) => {
  await page.route('**/api/v1/session', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({
          status: 401,
          contentType: 'application/problem+json',
          body: JSON.stringify({ title: 'Unauthorized', status: 401, detail: '令牌无效' }),
        })
      : route.continue(),
  );
  await page.goto('/');
  await page.getByRole('button', { name: /登\s*录/ }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('tab', { name: '令牌登录' }).click();
  await dialog.getByLabel('访问令牌').fill('wrong');
  await dialog.getByLabel('访问令牌').press('Enter');
  await expect(dialog).toContainText(/登录未成功\s*令牌无效/);
});

test('without WebGL 2 search and dossiers still work', async ({ page }) => {
  await page.addInitScript(() => {
    const original = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (
      this: HTMLCanvasElement,
      kind: string,
      ...rest: unknown[]
    ) {
      return kind === 'webgl2' ? null : Reflect.apply(original, this, [kind, ...rest]);
    } as typeof original;
  });
  await page.goto('/');
  await expect(page.getByRole('alert')).toContainText('不支持 WebGL 2');
  await expect(page.getByRole('combobox', { name: '搜索' })).toBeEnabled();
});
