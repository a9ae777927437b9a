// Journey A, a planner browses the one map. Offline, in one walk: a parcel is found by the end of its code and by who is there, a
// figure is classed and its bounds dragged, the plans are laid over it, two years compared, the evidence read, the map printed to
// a true scale, and a colleague sees the same by the link.
import { expect, test, type Locator, type Page } from '@playwright/test';
import { writeFileSync } from 'node:fs';
import type { Dossier, Layer, LayerTree } from '../src/api/schema';
import { expectAccessible, picture } from './checks';
import {
  difference,
  dossierOf,
  layerTree,
  mapPicture,
  readPdf,
  searchBox,
  steward,
  takeOffline,
  waitForMap,
  watchErrors,
} from './support';

test.use({ storageState: steward, viewport: { width: 1440, height: 900 }, actionTimeout: 20_000 });

/** A low-efficiency parcel with an enterprise on it. */
async function lowParcel(page: Page, tree: LayerTree): Promise<Dossier> {
  const theme = tree.layers.find((it) => it.legend.some((row) => row.label.zh === '低效'));
  const found = await page.request.get(`/ogc/collections/${theme?.id}/items?verdict=low&limit=40`);
  const { features } = (await found.json()) as { features: { properties: { parcel_code: string } }[] };
  for (const it of features) {
    const known = await page.request.get(`/api/v1/parcels/${it.properties.parcel_code}`);
    const dossier = (await known.json()) as Dossier;
    if (dossier.enterprises.length > 0) return dossier;
  }
  throw new Error('no low-efficiency parcel with an enterprise');
}

/** Another parcel than the first gets another name between the two years; one of its own for each try. */
async function rename(page: Page, register: Layer): Promise<void> {
  const found = await page.request.get(`/ogc/collections/${register.id}/items?limit=120`);
  const { features } = (await found.json()) as { features: { properties: Record<string, string> }[] };
  const code = features.at(-1 - test.info().retry)?.properties[register.identify ?? ''] ?? '';
  const answer = await page.evaluate(
    async (path) => {
      const etag = (await fetch(path)).headers.get('etag') ?? '';
      const headers = { 'content-type': 'application/json', 'if-match': etag };
      const body = { properties: { name: `更名 ${Date.now()}` }, valid_from: '2025-02-01', note: '更名' };
      const changed = await fetch(path, { method: 'PATCH', headers, body: JSON.stringify(body) });
      return `${changed.status} ${await changed.text()}`;
    },
    `/api/v1/parcels/${encodeURIComponent(code)}`,
  );
  expect(answer).toMatch(/^200 /);
}

const place = (page: Page) => page.url().match(/#map=[\d.]+\/[\d.]+\/[\d.]+/)?.[0] ?? '';
const zoom = (page: Page) => Number(place(page).match(/[\d.]+/)?.[0]);
const bounds = (page: Page) =>
  new URL(page.url()).searchParams.get('t')?.split(',').slice(5).map(Number) ?? [];

async function choose(page: Page, field: Locator, option: string): Promise<void> {
  await field.click();
  await page.locator('.ant-select-dropdown:visible').getByTitle(option, { exact: true }).click();
}

test('from the district to a sheet and a link: what a planner looks at all day', async ({
  page,
  baseURL,
  browser,
  context,
}) => {
  test.setTimeout(360_000);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const errors = watchErrors(page);
  const foreign = await takeOffline(page, baseURL);
  const tree = await layerTree(page);
  const figures = tree.layers
    .filter((it) => it.role === 'theme' && it.readable)
    .flatMap((theme) => theme.fields.map((field) => ({ theme, field })));
  const classed = figures.find(({ field }) => field.unit === 'wan_per_mu' && field.readable);
  const plan = tree.layers.find((it) => it.title.zh === '控详规划');
  const register = tree.layers.find(
    (it) => it.readable && it.kind === 'register' && it.geometry === 'polygon' && it.identify !== null,
  );
  if (!classed || !plan || !register) throw new Error('the district has no figure, plan or register');
  const { theme, field } = classed;
  const parcel = await lowParcel(page, tree);
  const dossier = dossierOf(page);
  const heading = dossier.getByRole('heading', { level: 2 });
  const legend = page.getByRole('list', { name: '分级图例' });

  await test.step('the district, with its legend open', async () => {
    await page.goto('/');
    await waitForMap(page);
    const rows = page.locator('.layer.active .legend li');
    await expect(rows.first()).toBeVisible();
    expect(await rows.count()).toBeGreaterThan(1);
    await expect(page.getByRole('button', { name: '资源浏览' })).toHaveAttribute('aria-current', 'true');
    await picture(page, 'a1-district');
    await expectAccessible(page);
  });

  await test.step('an enterprise, then the end of a code: grouped, and Enter flies there', async () => {
    const group = page.locator('.ant-select-dropdown:visible .ant-select-item-group');
    const who = parcel.enterprises[0];
    await searchBox(page).fill(who?.name ?? '');
    await expect(group.filter({ hasText: '企业' })).toBeVisible();
    await searchBox(page).press('Enter');
    await expect(heading).toBeVisible();
    await dossier.getByRole('tab', { name: '企业' }).click();
    await expect(dossier.getByRole('tabpanel', { name: '企业' })).toContainText(who?.uscc ?? '-');
    await waitForMap(page);

    const [before, near] = [place(page), zoom(page)];
    await searchBox(page).fill(parcel.parcel_code.slice(-7));
    await expect(group.filter({ hasText: '地块' })).toBeVisible();
    await expect(page.locator('.search-result').first()).toContainText(parcel.parcel_code.slice(-7));
    await picture(page, 'a2-search');
    await searchBox(page).fill(parcel.parcel_code.slice(-11));
    await expect(page.locator('.search-result').first()).toContainText(parcel.parcel_code);
    await searchBox(page).press('Enter');
    await expect(heading).toHaveText(parcel.parcel_code);
    await waitForMap(page);
    expect(near).toBeGreaterThan(13);
    // The enterprise may have stood on this very parcel.
    if (before !== place(page)) expect(zoom(page)).toBeGreaterThan(13);
    await expectAccessible(page);
  });

  await test.step('classes by quantiles, natural breaks and by hand', async () => {
    await page.getByRole('radio', { name: theme.title.zh, exact: true }).check();
    await choose(page, page.getByRole('combobox', { name: '分级指标' }), field.title.zh);
    await expect.poll(() => bounds(page).length).toBeGreaterThan(1);
    expect(page.url()).toContain(',quantile,');
    const quantiles = bounds(page);
    await page.getByText('自然', { exact: true }).click();
    await expect(page).toHaveURL(/,jenks,/);
    await expect.poll(() => bounds(page).length).toBe(quantiles.length);
    const natural = bounds(page);
    expect(natural).not.toEqual(quantiles);
    // Which way the colours run is said, not only shown.
    await expect(page.getByText('色深值高')).toBeVisible();
    await page.getByRole('switch', { name: '颜色反向' }).click();
    await expect(page.getByText('色浅值高')).toBeVisible();
    await page.getByRole('switch', { name: '颜色反向' }).click();
    await expect(legend.getByRole('listitem')).toHaveCount(natural.length + 2);

    const handle = page.getByRole('slider', { name: /分界 2/ });
    await handle.scrollIntoViewIfNeeded();
    const box = await handle.boundingBox();
    if (!box) throw new Error('the handle has no place');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 14, y, { steps: 6 });
    await page.mouse.up();
    await expect(page).toHaveURL(/,manual,/);
    await expect.poll(() => bounds(page)[1]).toBeGreaterThan(natural[1] ?? Infinity);
    expect(bounds(page)[0]).toBe(natural[0]);
    await waitForMap(page);
    // The panel scrolls, and never the page under its header.
    const longer = await page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
    expect(longer).toBe(0);
    await picture(page, 'a3-classes');
    await expectAccessible(page);
  });

  await test.step('the plans over it, and two years beside each other', async () => {
    const before = await mapPicture(page);
    await page.getByRole('checkbox', { name: plan.title.zh, exact: true }).check({ force: true });
    await expect(page).toHaveURL(new RegExp(`${plan.id},1`));
    await waitForMap(page);
    expect(await difference(page, before, await mapPicture(page))).toBeGreaterThan(0.02);
    await picture(page, 'a4-plan');

    await rename(page, register);
    await page.getByRole('button', { name: '对比分析' }).click();
    for (const [side, day] of [
      ['左图', '2024-12-31'],
      ['右图', '2025-12-31'],
    ] as const) {
      const group = page.getByRole('group', { name: side });
      await choose(page, group.getByRole('combobox', { name: `${side}的图层` }), register.title.zh);
      await choose(page, group.getByRole('combobox', { name: `${side}的时点` }), '某日');
      await group.getByLabel(/日期/).fill(day);
    }
    await expect(page.locator('.compare-difference')).toContainText(/变化\s*[1-9]/);
    const swipe = page.getByRole('slider', { name: /卷帘/ });
    await swipe.focus();
    await page.keyboard.press('ArrowLeft');
    await expect(swipe).toHaveAttribute('aria-valuenow', '48');
    await page.getByText('并排', { exact: true }).click();
    await expect(page.locator('.side-by-side.split [data-map-idle="true"]')).toHaveCount(2, {
      timeout: 45_000,
    });
    await picture(page, 'a4-years');
    await expectAccessible(page);
    await page.getByRole('button', { name: '退出对比' }).click();
    await waitForMap(page);
  });

  await test.step('why: rule, value, threshold, source and date', async () => {
    await dossier.getByRole('tab', { name: '判定依据' }).click();
    const met = parcel.verdict?.evidence.find((it) => it.effect === 'low' && it.result === 'true');
    const rule = dossier
      .locator('.rule.true.low')
      .filter({ hasText: met?.title.zh ?? '-' })
      .first();
    await expect(rule.locator('code').first()).toHaveText(met?.when ?? '-');
    const evidence = dossier.locator('.evidence').first();
    await expect(evidence.locator('.threshold b').first()).toHaveText(/\d/);
    const value = evidence.locator('.input:not(.threshold)').first();
    await expect(value.locator('b').first()).not.toBeEmpty();
    await expect(
      evidence
        .locator('.source-line')
        .filter({ hasText: /\d{4}-\d\d-\d\d/ })
        .first(),
    ).toBeVisible();
    await picture(page, 'a5-evidence');
    await expectAccessible(page);
  });

  await test.step('a sheet of a true scale', async () => {
    await page.getByRole('button', { name: '专题制图' }).click();
    const dialog = page.getByRole('dialog', { name: '专题制图' });
    await dialog.getByLabel('图名').fill('嘉定工业用地效益图');
    await dialog.getByText('A3', { exact: true }).click();
    await dialog.getByLabel('比例尺').click();
    await page.getByTitle('1:10 000').click();
    await picture(page, 'a6-print');
    await expectAccessible(page);
    const loaded = page.waitForEvent('download', { timeout: 120_000 });
    await dialog.getByRole('button', { name: '下载 PDF' }).click();
    const path = await (await loaded).path();
    await expect(dialog).toBeHidden();
    const size = readPdf('pdfinfo', path).match(/Page size:\s+([\d.]+) x ([\d.]+) pts/);
    const mm = [size?.[1], size?.[2]].map((it) => (Number(it) / 72) * 25.4);
    expect(mm[0]).toBeCloseTo(420, 0);
    expect(mm[1]).toBeCloseTo(297, 0);
    const said = readPdf('pdftotext', path);
    if (process.env['MUTU_PICTURES']) {
      writeFileSync('test-results/a6-sheet.txt', said);
    }
    for (const it of ['嘉定工业用地效益图', theme.title.zh, plan.title.zh, '审图号', '高斯-克吕格投影']) {
      expect(said).toContain(it);
    }
    expect(said).toMatch(/1:10[ ,]?000/);
    expect(said).toMatch(/数据日期：\d{4}-\d\d-\d\d/);
    expect(said).toMatch(/北\s?N/);
  });

  await test.step('a colleague sees the same by the link', async () => {
    await waitForMap(page);
    await page.getByRole('button', { name: '成果共享' }).click();
    const drawer = page.getByRole('dialog', { name: '成果共享' });
    await drawer.getByRole('button', { name: '复制 当前视图链接' }).click();
    await expectAccessible(page);
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toBe(page.url());
    await drawer.getByRole('button', { name: '关闭' }).click();
    await expect(drawer).toBeHidden();

    const office = await browser.newContext({
      storageState: steward,
      viewport: { width: 1440, height: 900 },
      locale: 'zh-CN',
    });
    const other = await office.newPage();
    const told = watchErrors(other);
    const asked = await takeOffline(other, baseURL);
    await other.goto(link);
    await waitForMap(other);
    await expect(dossierOf(other).getByRole('heading', { level: 2 })).toHaveText(parcel.parcel_code);
    await expect(other.getByRole('radio', { name: theme.title.zh, exact: true })).toBeChecked();
    await expect(other.getByRole('checkbox', { name: plan.title.zh, exact: true })).toBeChecked();
    expect(place(other)).toBe(place(page));
    expect(bounds(other)).toEqual(bounds(page));
    const rows = other.getByRole('list', { name: '分级图例' }).getByRole('listitem');
    await expect(rows).toHaveText(await legend.getByRole('listitem').allTextContents());
    await waitForMap(other);
    for (const it of [page, other]) await it.mouse.move(5, 5);
    expect(await difference(page, await mapPicture(page), await mapPicture(other))).toBeLessThan(0.02);
    await picture(other, 'a7-colleague');
    await expectAccessible(other);
    expect(asked).toEqual([]);
    expect(told).toEqual([]);
    await office.close();
  });
  expect(foreign).toEqual([]);
  expect(errors).toEqual([]);
});
