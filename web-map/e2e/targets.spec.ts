// The league of units: imported targets, what was accepted, and any past day.
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { admin, signIn } from './session';
import { watchErrors } from './support';

const year = new Date().getFullYear();
const shots = process.env['MUTU_SHOTS'];

test.use({ viewport: { width: 1366, height: 768 } });
test.skip(admin.password === '', 'MUTU_ADMIN_PASSWORD is missing; scripts/e2e makes the account');

/** The units of the sample with a target each, as an office's file. */
async function importTargets(page: Page): Promise<string[]> {
  return page.evaluate(async (year) => {
    const json = async (path: string, init?: RequestInit) =>
      (await fetch(path, init)).json() as Promise<Record<string, unknown>>;
    const stats = await json('/api/v1/stats', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ layer: 'parcels', group_by: ['responsible_unit'] }),
    });
    const units = (stats['groups'] as { key: Record<string, string | null> }[]).flatMap(
      (it) => it.key['responsible_unit'] ?? [],
    );
    const lines = units.map((it, nth) => `${it},${year},${year},mu,${(nth + 1) * 100}`);
    const body = new FormData();
    body.append('into', 'targets');
    body.append('options', JSON.stringify({ into: 'targets', replace: false }));
    body.append(
      'file',
      new File([`责任单位,年份,报告期,目标类型,目标数量\n${lines.join('\n')}\n`], 'targets.csv'),
    );
    const batch = await json('/api/v1/imports', { method: 'POST', body });
    const path = `/api/v1/imports/${String(batch['batch_id'])}`;
    const until = async (wanted: string[]) => {
      for (let tries = 0; tries < 100; tries += 1) {
        const { state } = await json(path);
        if (wanted.includes(String(state))) return;
        await new Promise((done) => setTimeout(done, 200));
      }
      throw new Error(JSON.stringify(await json(path)));
    };
    await until(['previewed']);
    await fetch(`${path}/apply`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    await until(['applied']);
    return units;
  }, year);
}

test('units are ranked by rate with lights, come to the district exactly, and any past day can be asked for', async ({
  page,
}) => {
  const errors = watchErrors(page);
  await signIn(page, admin, '/targets');
  await expect(page.getByRole('heading', { name: '目标与排名' })).toBeVisible();
  const units = await importTargets(page);
  expect(units.length).toBeGreaterThan(1);
  await page.reload();
  const rows = page.locator('tbody .ant-table-row');
  await expect(rows).toHaveCount(units.length);
  const total = page.locator('.league-total');
  await expect(total).toContainText('全区');
  const sum = (units.length * (units.length + 1) * 100) / 2;
  await expect(total).toContainText(`${sum.toLocaleString('en-US')}.00`);
  await expect(page.getByText('各单位之和与全区合计不符')).toHaveCount(0);
  await expect(rows.first().locator('.light')).toHaveText(/滞后|达序时/);
  const found = await new AxeBuilder({ page }).include('main').analyze();
  expect(
    found.violations.map((it) => `${it.id}: ${it.nodes.map((one) => one.html.slice(0, 160)).join(' | ')}`),
  ).toEqual([]);
  if (shots) await page.screenshot({ path: `${shots}/targets.png`, animations: 'disabled' });
  // Before anybody imported a target there was none.
  await page.getByLabel('截至', { exact: true }).fill(`${year}-01-01`);
  await expect(page).toHaveURL(/as_of=/);
  await expect(page.getByText('该年度没有目标')).toBeVisible();
  // The register of lists shows the bar against the year's sum.
  await page.goto('/lists');
  const made = page.getByRole('row').filter({ hasText: '二次开发计划' });
  if ((await made.count()) > 0)
    await expect(made.first().locator('.target-bar')).toContainText(/还差|已达到/);
  expect(errors).toEqual([]);
});
