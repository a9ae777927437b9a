// From the map to paper: what is seen, as a PDF.
import { expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { layerTree, readPdf, steward, waitForMap } from './support';

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

test.describe('with a filter', () => {
  test.use({ storageState: steward });

  test('the sheet of a filtered map says so, and counts what is left', async ({ page }) => {
    const theme = (await layerTree(page)).layers.find(
      (it) => it.readable && it.legend.some((row) => row.label.zh === '低效'),
    );
    if (!theme) throw new Error('no theme with a verdict');
    await page.goto(`/?l=${theme.id},1,1&v=1`);
    await waitForMap(page);
    const print = async () => {
      await page.getByRole('button', { name: '专题制图' }).click();
      const dialog = page.getByRole('dialog', { name: '专题制图' });
      const loaded = page.waitForEvent('download', { timeout: 60_000 });
      await dialog.getByRole('button', { name: '下载 PDF' }).click();
      const path = await (await loaded).path();
      await expect(dialog).toBeHidden();
      return readPdf('pdftotext', path);
    };
    /** The rows of the theme's legend on the paper. */
    const counted = (said: string) =>
      theme.legend.map((row) =>
        Number(said.match(new RegExp(`${row.label.zh}\\s+([\\d,]+)\\s*个`))?.[1]?.replaceAll(',', '') ?? 0),
      );
    const whole = await print();
    expect(whole).not.toContain('（已筛选）');
    expect(counted(whole)).toEqual(theme.legend.map((it) => it.count ?? 0));

    await page.getByRole('button', { name: /筛\s*选$/ }).click();
    await page.getByRole('dialog').getByRole('tab', { name: '表达式' }).click();
    await page.getByRole('textbox', { name: 'CQL2 表达式' }).fill('area_mu > 20');
    await expect(page.getByRole('dialog').getByRole('status')).toContainText(/符合 [\d,]+ 宗/);
    await page.getByRole('button', { name: '应用筛选' }).click();
    await expect(page.getByRole('region', { name: '筛选' }).getByRole('listitem')).toHaveText([
      /area_mu > 20/,
    ]);
    const bar = page.getByRole('region', { name: '选择' });
    await expect(bar).toContainText(/筛选出 [\d,]+ 宗/);
    await waitForMap(page);
    const left = Number((await bar.innerText()).match(/筛选出 ([\d,]+) 宗/)?.[1]?.replaceAll(',', ''));
    const narrowed = await print();
    expect(narrowed).toContain('（已筛选）');
    const sum = (all: number[]) => all.reduce((all, it) => all + it, 0);
    expect(sum(counted(narrowed))).toBe(left);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(sum(counted(whole)));
  });
});
