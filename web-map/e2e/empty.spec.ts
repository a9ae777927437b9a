// A database without parcels shows how to begin.
import { expect, test } from '@playwright/test';
import { watchErrors } from './support';

const url = process.env['MUTU_EMPTY_URL'] ?? '';

test('an empty database shows how to begin', async ({ page }) => {
  test.skip(url === '', 'MUTU_EMPTY_URL names no server with an empty database');
  const errors = watchErrors(page);
  await page.goto(url);
  const start = page.getByRole('region', { name: '还没有地块' });
  await expect(start).toBeVisible();
  await expect(start.getByText(/^mutu import FILE --into [a-z_0-9]+$/)).toBeVisible();
  await expect(start.getByText('mutu up --demo', { exact: true })).toBeVisible();
  await expect(page.locator('.map canvas')).toBeVisible();
  await page.getByText('EN', { exact: true }).click();
  await expect(page.getByRole('region', { name: 'No parcels yet' })).toBeVisible();
  expect(errors).toEqual([]);
});
