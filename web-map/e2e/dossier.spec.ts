// A verdict that a factory owner could check: the sentence, the run and version behind it, the source of each value, what is
// missing and who supplies it, and the ways on to the plans and to other thresholds.
import { expect, test, type Page } from '@playwright/test';
import type { Dossier, ParcelEvaluations } from '../src/api/schema';
import { expectAccessible, picture } from './checks';
import { layerTree, steward, waitForMap, watchErrors } from './support';

test.use({ storageState: steward, viewport: { width: 1366, height: 768 } });

async function codeOf(page: Page, verdict: string): Promise<string> {
  const { layers } = await layerTree(page);
  const theme = layers.find((it) => it.legend.some((row) => row.match?.values.includes('low')));
  const found = await page.request.get(
    `/ogc/collections/${theme?.id}/items?f=json&limit=1&verdict=${verdict}`,
  );
  const { features } = (await found.json()) as { features: { properties: { parcel_code: string } }[] };
  const code = features[0]?.properties.parcel_code;
  if (!code) throw new Error(`the sample has no parcel of verdict ${verdict}`);
  return code;
}

test('a verdict can be checked, and leads to the plans and to other thresholds', async ({ page }) => {
  const errors = watchErrors(page);
  const code = await codeOf(page, 'low');
  const known = (await (await page.request.get(`/api/v1/parcels/${code}`)).json()) as Dossier;
  const verdict = known.verdict;
  if (!verdict) throw new Error('no verdict');
  await page.goto(`/d/${code}`);

  await test.step('the sentence has figures, rules, version and run', async () => {
    await expect(page.locator('.verdict.low .verdict-sentence')).toHaveText(verdict.sentence.zh);
    expect(verdict.sentence.zh).toContain(`第 ${verdict.run.run_id} 次评价`);
    await picture(page, 'dossier-top');
  });

  await test.step('each part is one key away', async () => {
    const nav = page.getByRole('navigation', { name: '档案各部分' });
    for (const part of ['概况', '企业', '效益', '规划', '历史', '判定依据']) {
      await nav.getByRole('link', { name: part }).focus();
      await page.keyboard.press('Enter');
      await expect(
        page.locator('section:focus').getByRole('heading', { level: 3, name: part }),
      ).toBeVisible();
    }
  });

  await test.step('each value says from whom and from which file it is', async () => {
    const rule = page.locator('.rule.true.low').first();
    await expect(rule.locator('.input .source-line').first()).toContainText(/\d{4}-\d{2}-\d{2}/);
    const evidence = page.locator('#evidence');
    await expect(evidence.getByRole('link', { name: `第 ${verdict.run.run_id} 次` })).toBeVisible();
    await expect(evidence).toContainText(`第 ${verdict.ruleset_version} 版`);
    await evidence.getByText(/全部指标及来源/).click();
    await expect(evidence.locator('.measures tbody tr')).toHaveCount(known.measures.length);
    const tax = known.measures.find((it) => it.name === 'tax_wan_per_mu');
    expect(tax?.origins.length).toBeGreaterThan(0);
    await expect(evidence.locator('.measures')).toContainText(String(tax?.origins[0]?.file));
    await picture(page, 'dossier-whole', true);
  });

  await test.step('what was found before is told run by run', async () => {
    const found = await page.request.get(`/api/v1/parcels/${code}/evaluations`);
    const { evaluations } = (await found.json()) as ParcelEvaluations;
    await expect(page.locator('#history .past-runs tbody tr')).toHaveCount(evaluations.length);
    await expect(page.locator('#history .past-runs')).toContainText('低效');
    await expect(page.locator('#history .versions li')).not.toHaveCount(0);
  });

  await expectAccessible(page);

  await test.step('the plans', async () => {
    await page.getByRole('link', { name: '核对拟定用途、容积率是否符合规划' }).click();
    await expect(page).toHaveURL(new RegExp(`/planning\\?code=${code}`));
    await expect(page.locator('.conformity-card')).toContainText(known.name ?? code);
    await page.goBack();
  });

  await test.step('other thresholds', async () => {
    await page.getByRole('link', { name: /如果改变阈值/ }).click();
    await expect(page).toHaveURL(new RegExp(`/scenarios\\?.*ruleset=${verdict.ruleset}.*code=${code}`));
    await expect(page.locator('.scenarios-rules')).toContainText(verdict.ruleset_title.zh);
    await waitForMap(page);
  });
  expect(errors).toEqual([]);
});

test('what is missing says who supplies it, in both languages', async ({ page }) => {
  const code = await codeOf(page, 'unknown');
  const known = (await (await page.request.get(`/api/v1/parcels/${code}`)).json()) as Dossier;
  const rule = known.verdict?.evidence.find((it) => (it.missing ?? []).length > 0);
  const missing = rule?.missing?.[0];
  if (!missing) throw new Error('nothing is missing of a parcel to be verified');
  await page.goto(`/d/${code}`);
  await expect(page.locator('.verdict.unknown .verdict-sentence')).toContainText(missing.supplier.zh);
  await expect(page.locator('#evidence')).toContainText(`由${missing.supplier.zh}提供`);
  await page.getByText('EN', { exact: true }).click();
  await expect(page.locator('#evidence')).toContainText(`from the ${missing.supplier.en}`);
  await expect(page.locator('.verdict.unknown .verdict-sentence')).toContainText('to be verified');
  await picture(page, 'dossier-en', true);
  await expectAccessible(page);
});
