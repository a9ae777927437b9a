// What a list gives out, held to the screen.
import { expect, test } from '@playwright/test';
import { foot, isSaved, readHeadings, shot } from './lists';
import { admin, signIn } from './session';
import { unzip, watchErrors } from './support';

test.use({ viewport: { width: 1366, height: 768 }, actionTimeout: 20_000 });
test.skip(admin.password === '', 'MUTU_ADMIN_PASSWORD is missing; scripts/e2e makes the account');

test('from a slider to a list to Excel: the sum of the workbook is the sum on the screen', async ({
  page,
}) => {
  const errors = watchErrors(page);
  await signIn(page, admin, '/scenarios');
  const low = page
    .getByRole('region', { name: '低效用地' })
    .locator('div', { hasText: '低效宗数' })
    .locator('.total')
    .first();
  await expect(low).toBeVisible();
  const before = await low.textContent();
  const floor = page.getByRole('spinbutton', { name: '亩均税收下限' });
  await floor.fill('20');
  await floor.press('Enter');
  await expect(low).not.toHaveText(before ?? '');
  const found = Number((await low.textContent())?.replaceAll(',', ''));
  await page.getByRole('button', { name: '列入清单' }).click();
  const dialog = page.getByRole('dialog', { name: '新建清单' });
  await dialog.getByRole('textbox', { name: '清单名称' }).fill(`推演 ${Date.now()}`);
  await dialog.getByRole('button', { name: '新建清单' }).click();
  await expect(dialog.getByText(`已列入 ${found} 宗`)).toBeVisible();
  await dialog.getByRole('button', { name: '打开清单' }).click();
  await expect(page.getByText(`${found} 行`, { exact: true })).toBeVisible();
  await readHeadings(page);
  await isSaved(page);
  await shot(page, 'lists-from-slider');
  const downloads = page.waitForEvent('download');
  await page.getByRole('button', { name: '导出与打印' }).click();
  await page.getByRole('menuitem', { name: 'Excel（XLSX）' }).click();
  const stream = await (await downloads).createReadStream();
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  const files = unzip(Buffer.concat(parts));
  const sheet = files.get('xl/worksheets/sheet1.xml') ?? '';
  // Column H: 占地面积. Excel adds doubles; the cells are the register's digits.
  const rows = [...sheet.matchAll(/<row r="(\d+)".*?<\/row>/gs)].map((it) => it[0]);
  const valueOf = (row: string) => row.match(/<c r="H\d+"[^>]*>(?:<f>[^<]*<\/f>)?<v>([^<]*)<\/v>/)?.[1];
  const figures = rows.slice(1, -1).map(valueOf);
  expect(figures).toHaveLength(found);
  const cents = (it: number) => Math.round(it * 100) / 100;
  const own = figures.reduce((all, it) => all + Number(it), 0);
  const onScreen = await foot(page, '占地面积');
  expect(cents(own)).toBe(cents(Number(onScreen)));
  expect(rows.at(-1)).toMatch(/<c r="H\d+"[^>]*><f>SUM\(H2:H\d+\)<\/f>/);
  expect(Number(valueOf(rows.at(-1) ?? ''))).toBe(Number(onScreen));
  // As CSV, the same rows.
  const other = page.waitForEvent('download');
  await page.getByRole('button', { name: '导出与打印' }).click();
  await page.getByRole('menuitem', { name: 'CSV' }).click();
  const lines: Buffer[] = [];
  for await (const part of await (await other).createReadStream()) lines.push(part as Buffer);
  const text = Buffer.concat(lines).toString('utf8');
  expect(text.trim().split('\n')).toHaveLength(found + 1);
  expect(errors).toEqual([]);
});
