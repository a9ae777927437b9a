// From the map to paper: what is seen, as a PDF.
import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { waitForMap } from './support';

test('the map is printed as it is seen', async ({ page }) => {
  await page.goto('/');
  await waitForMap(page);
  await page.getByRole('button', { name: '专题制图' }).click();
  const dialog = page.getByRole('dialog', { name: '专题制图' });
  await dialog.getByLabel('图名').fill('低效用地分布图');
  await dialog.getByText('A3', { exact: true }).click();
  await dialog.getByText(/纵\s*向/).click();
  await dialog.getByLabel('比例尺').click();
  await page.getByTitle('1:10 000').click();
  const asked = page.waitForRequest((it) => it.url().includes('/print/map.pdf'));
  const loaded = page.waitForEvent('download');
  await dialog.getByRole('button', { name: '下载 PDF' }).click();
  const query = new URL((await asked).url()).searchParams;
  expect(query.get('paper')).toBe('A3');
  expect(query.get('orientation')).toBe('portrait');
  expect(query.get('scale')).toBe('10000');
  expect(query.get('layers')?.split(',').length).toBeGreaterThan(2);
  const file = await loaded;
  expect(file.suggestedFilename()).toBe('低效用地分布图.pdf');
  expect(
    readFileSync(await file.path())
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
  await expect(dialog).toBeHidden();
});

test('the sheet speaks the language of the screen', async ({ page }) => {
  await page.goto('/');
  await waitForMap(page);
  await page.getByText('EN', { exact: true }).click();
  await waitForMap(page);
  await page.getByRole('button', { name: 'Print', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Print' });
  await dialog.getByLabel('Title').fill('Industrial land');
  const asked = page.waitForRequest((it) => it.url().includes('/print/map.pdf'));
  const loaded = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Download PDF' }).click();
  const query = new URL((await asked).url()).searchParams;
  expect(query.get('lang')).toBe('en');
  expect(query.get('bbox')?.split(',').length).toBe(4);
  expect((await loaded).suggestedFilename()).toBe('Industrial land.pdf');
});
