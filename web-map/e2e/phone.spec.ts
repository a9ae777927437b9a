// On a phone: where am I, which parcel is that, and what is known of it.
import { expect, test, type Page } from '@playwright/test';
import { expectAccessible } from './checks';
import { dossierOf, someParcelCode, waitForMap, watchErrors } from './support';

test.use({
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
});

type Found = { parcel_code: string; point: [number, number] };

/** A parcel whose surface holds the place that its dossier names. */
async function someParcel(page: Page): Promise<Found> {
  const dossier = await page.request.get(`/api/v1/parcels/${await someParcelCode(page)}`);
  return (await dossier.json()) as Found;
}

test('a press finds where one stands, and the parcel there with its dossier', async ({ page, context }) => {
  const errors = watchErrors(page);
  await page.goto('/');
  await waitForMap(page);
  const { parcel_code: code, point } = await someParcel(page);
  const [longitude, latitude] = point;
  await context.grantPermissions(['geolocation']);
  await context.setGeolocation({ longitude, latitude, accuracy: 8 });
  await page.getByRole('button', { name: '定位到我所在的位置' }).tap();
  await expect(dossierOf(page).getByRole('heading', { name: code })).toBeVisible();

  await test.step('the parcel is seen above its dossier', async () => {
    const dot = page.locator('.maplibregl-user-location-dot');
    await expect
      .poll(async () => {
        const [of, panel] = [await dot.boundingBox(), await dossierOf(page).boundingBox()];
        return of && panel ? panel.y - (of.y + of.height) : null;
      })
      .toBeGreaterThan(20);
    await waitForMap(page);
    await page.screenshot({ path: 'test-results/phone-located.png' });
    await expectAccessible(page);
  });

  await test.step('where there is no parcel that is said', async () => {
    await dossierOf(page).getByRole('button', { name: '关闭档案' }).tap();
    await context.setGeolocation({ longitude: longitude + 2, latitude, accuracy: 8 });
    await page.getByRole('button', { name: '定位到我所在的位置' }).tap();
    await expect(page.getByText('您所在的位置没有地块')).toBeVisible();
  });
  expect(errors).toEqual([]);
});

test('a browser that gives no position says so', async ({ page, context }) => {
  await context.clearPermissions();
  await page.goto('/');
  await waitForMap(page);
  await page.getByRole('button', { name: '定位到我所在的位置' }).tap();
  await expect(page.getByText('浏览器没有给出位置')).toBeVisible();
});
