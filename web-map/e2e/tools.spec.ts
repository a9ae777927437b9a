// The tools over the map: areas drawn with the pointer and with the keyboard alone, a buffer, days and scenarios beside each other,
// coordinates read out and found again.
import { expect, test, type Page } from '@playwright/test';
import type { Layer } from '../src/api/schema';
import { expectAccessible, picture } from './checks';
import { dossierOf, layerTree, searchBox, steward, waitForMap, watchErrors } from './support';

test.use({ storageState: steward, viewport: { width: 1366, height: 768 } });

const bar = (page: Page) => page.getByRole('region', { name: '选择' });
const chosen = async (page: Page) =>
  Number((await bar(page).innerText()).match(/已选 ([\d,]+) 宗/)?.[1]?.replaceAll(',', '') ?? 0);

async function open(page: Page): Promise<Layer> {
  const tree = await layerTree(page);
  const theme = tree.layers.find((it) => it.role === 'theme' && it.readable && it.identify !== null);
  if (!theme) throw new Error('no theme of parcels');
  await page.goto(`/?l=${theme.id},1,1&v=1`);
  await waitForMap(page);
  return theme;
}

/** Parts of the map's width and height as a place on the page. */
async function placeOf(page: Page) {
  const canvas = await page.locator('.map canvas').boundingBox();
  if (!canvas) throw new Error('the map has no size');
  return (x: number, y: number) => [canvas.x + canvas.width * x, canvas.y + canvas.height * y] as const;
}

/** How many of the layer's rows touch the area, as the server counts. */
async function countOf(page: Page, layer: Layer, ring: number[][]): Promise<number> {
  const question = { layer: layer.id, polygon: { type: 'Polygon', coordinates: [ring] } };
  return page.evaluate(async (question) => {
    const headers = { 'content-type': 'application/json' };
    const known = await fetch('/api/v1/stats', { method: 'POST', headers, body: JSON.stringify(question) });
    return ((await known.json()) as { total: { count: number } }).total.count;
  }, question);
}

/** The places under points of the page, as the status bar reads them out. */
async function readOut(page: Page, points: (readonly [number, number])[]): Promise<number[][]> {
  const places: number[][] = [];
  for (const [x, y] of points) {
    await page.mouse.move(x, y);
    const text = page.getByRole('button', { name: '坐标', exact: true });
    await expect(text).toHaveText(/^[\d.]+, [\d.]+$/);
    places.push((await text.innerText()).split(', ').map(Number));
  }
  return places;
}

test('lasso, polygon and circle select what they touch', async ({ page }) => {
  const errors = watchErrors(page);
  const theme = await open(page);
  const at = await placeOf(page);

  await test.step('a lasso', async () => {
    await page.getByRole('button', { name: '套索选择' }).click();
    await page.mouse.move(...at(0.4, 0.35));
    await page.mouse.down();
    for (const [x, y] of [
      [0.6, 0.32],
      [0.66, 0.5],
      [0.55, 0.62],
      [0.42, 0.55],
    ] as const) {
      await page.mouse.move(...at(x, y), { steps: 12 });
    }
    await page.mouse.up();
    await expect.poll(() => chosen(page)).toBeGreaterThan(3);
  });

  await test.step('a polygon, added to it and taken away again', async () => {
    const corners = [at(0.3, 0.3), at(0.45, 0.3), at(0.45, 0.6)];
    const ring = await readOut(page, corners);
    const expected = await countOf(page, theme, [...ring, ring[0] ?? []]);
    expect(expected).toBeGreaterThan(2);
    await page.getByRole('button', { name: '多边形选择' }).click();
    for (const it of corners.slice(0, 2)) await page.mouse.click(...it);
    await page.mouse.dblclick(...at(0.45, 0.6));
    await expect.poll(() => chosen(page)).toBe(expected);

    await page.getByText('减去', { exact: true }).click();
    for (const it of corners.slice(0, 2)) await page.mouse.click(...it);
    await page.mouse.dblclick(...at(0.45, 0.6));
    await expect(bar(page)).toContainText('未选择');
    await page.keyboard.press('Control+z');
    await expect.poll(() => chosen(page)).toBe(expected);
    await page.getByText('新选', { exact: true }).click();
  });

  await test.step('a circle says its radius while it is drawn', async () => {
    const before = await chosen(page);
    await page.getByRole('button', { name: '圆形选择' }).click();
    await page.mouse.move(...at(0.5, 0.5));
    await page.mouse.down();
    await page.mouse.move(...at(0.55, 0.5), { steps: 6 });
    await expect(page.locator('.sketch-hint')).toContainText(/半径 [\d,.]+ (米|公里)/);
    await picture(page, 'tool-circle');
    await page.mouse.up();
    await expect.poll(() => chosen(page)).not.toBe(before);
    expect(await chosen(page)).toBeGreaterThan(0);
  });
  expect(errors).toEqual([]);
});

test('a polygon and a box are drawn with the keyboard alone', async ({ page }) => {
  const theme = await open(page);
  const canvas = page.locator('.map canvas');
  const press = async (...keys: string[]) => {
    for (const key of keys) {
      await page.keyboard.press(key);
      await waitForMap(page);
    }
  };
  // The tool by Tab and Enter, after which the keys are the map's.
  await page.getByRole('button', { name: '多边形选择' }).focus();
  await page.keyboard.press('Enter');
  await expect(canvas).toBeFocused();
  const corners: number[][] = [];
  const corner = async () => {
    const [, , lat, lon] = page.url().match(/#map=([\d.]+)\/([\d.]+)\/([\d.]+)/) ?? [];
    corners.push([Number(lon), Number(lat)]);
    await page.keyboard.press('Enter');
  };
  await corner();
  await press('ArrowRight', 'ArrowRight');
  await corner();
  await press('ArrowDown', 'ArrowDown');
  await corner();
  // A corner too many is taken back.
  await press('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Backspace');
  await press('ArrowRight');
  await page.keyboard.press('Enter');
  const expected = await countOf(page, theme, [...corners, corners[0] ?? []]);
  expect(expected).toBeGreaterThan(0);
  await expect.poll(() => chosen(page)).toBe(expected);

  await test.step('a box by two corners, and Escape puts the tool down', async () => {
    await page.getByRole('button', { name: '框选' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await press('ArrowLeft', 'ArrowUp', 'ArrowUp');
    await page.keyboard.press('Enter');
    await expect.poll(() => chosen(page)).not.toBe(expected);
    expect(await chosen(page)).toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: '查看地块' })).toHaveAttribute('aria-pressed', 'true');
  });
});

test('a buffer around the open parcel holds it and its neighbours', async ({ page }) => {
  const theme = await open(page);
  const found = await page.request.get(
    `/ogc/collections/${theme.id}/items?limit=1&properties=${theme.identify}`,
  );
  const { features } = (await found.json()) as { features: { properties: Record<string, string> }[] };
  const code = features[0]?.properties[theme.identify ?? ''] ?? '';
  await searchBox(page).fill(code);
  await searchBox(page).press('Enter');
  await expect(dossierOf(page).getByRole('heading', { level: 2 })).toHaveText(code);
  const around = async (metres: string) => {
    await page.getByRole('button', { name: '按条件选择' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('tab', { name: '缓冲' }).click();
    await expect(dialog).toContainText(code);
    await dialog.getByRole('spinbutton', { name: '缓冲距离' }).fill(metres);
    await expectAccessible(page);
    await dialog
      .getByRole('tabpanel', { name: '缓冲' })
      .getByRole('button', { name: /^选\s*择$/ })
      .click();
    await expect(dialog).toBeHidden();
    return chosen(page);
  };
  await around('50');
  await expect.poll(() => chosen(page)).toBeGreaterThan(0);
  const few = await chosen(page);
  await expect(page).toHaveURL(new RegExp(`s=${code}`));
  await around('900');
  await expect.poll(() => chosen(page)).toBeGreaterThan(few);
});

test('two days beside each other, and what came between them', async ({ page }) => {
  const tree = await layerTree(page);
  const layer = tree.layers.find(
    (it) => it.readable && it.kind === 'register' && it.geometry === 'polygon' && it.identify !== null,
  );
  if (!layer) throw new Error('no register of parcels');
  // One parcel gets another name on the first of May.
  await page.goto('/board');
  const found = await page.request.get(
    `/ogc/collections/${layer.id}/items?limit=1&properties=${layer.identify}`,
  );
  const { features } = (await found.json()) as { features: { properties: Record<string, string> }[] };
  const path = `/api/v1/parcels/${encodeURIComponent(features[0]?.properties[layer.identify ?? ''] ?? '')}`;
  const status = await page.evaluate(async (path) => {
    const etag = (await fetch(path)).headers.get('etag') ?? '';
    const headers = { 'content-type': 'application/json', 'if-match': etag };
    const body = { properties: { name: `五月更名 ${Date.now()}` }, valid_from: '2024-05-01', note: '更名' };
    return (await fetch(path, { method: 'PATCH', headers, body: JSON.stringify(body) })).status;
  }, path);
  expect(status).toBeLessThan(300);

  await page.goto(`/?c=split,0.5,1,${layer.id}~day~2024-04-30,${layer.id}~day~2024-05-01&v=1`);
  await expect(page.locator('.side-by-side.split [data-map-idle="true"]')).toHaveCount(2, {
    timeout: 45_000,
  });
  const note = page.locator('.compare-difference');
  await expect(note).toContainText(/新增\s*0退出\s*0变化\s*1/);
  await picture(page, 'compare-days');
  await expectAccessible(page);

  await page.getByRole('group', { name: '左图' }).getByLabel(/日期/).fill('2024-05-01');
  await expect(page).toHaveURL(new RegExp(`${layer.id}~day~2024-05-01,${layer.id}~day~2024-05-01`));
  await expect(note).toContainText(/变化\s*0/);
  await page.getByRole('button', { name: '左右对调' }).click();
  await page.getByRole('button', { name: '退出对比' }).click();
  await waitForMap(page);
});

test('a scenario beside what is shown, narrowed as the map is', async ({ page }) => {
  await page.goto('/scenarios');
  const floor = page.getByRole('spinbutton', { name: '亩均税收下限' });
  await floor.fill('20');
  await floor.press('Enter');
  const title = `并排 ${Date.now()}`;
  await page.getByRole('button', { name: '保存为情景' }).click();
  await page.getByRole('textbox', { name: '名称' }).fill(title);
  await page.getByRole('dialog').getByRole('button', { name: '保存为情景' }).click();
  await expect(page.getByRole('row').filter({ hasText: title })).toBeVisible();
  const known = (await (await page.request.get('/api/v1/scenarios')).json()) as {
    scenarios: { scenario_id: number; title: string; layer: string }[];
  };
  const made = known.scenarios.find((it) => it.title === title);
  if (!made) throw new Error('the scenario was not saved');
  const compared = (await (
    await page.request.get(`/api/v1/scenarios/compare?right=${made.scenario_id}&layer=${made.layer}`)
  ).json()) as { entered: { ids: number[] }[] };
  const entered = compared.entered.flatMap((it) => it.ids);
  expect(entered.length).toBeGreaterThan(0);

  // Chosen by hand: what is shown on the left, the scenario on the right, side by side.
  await page.goto(`/?l=${made.layer},1,1&c=split,0.5,1,${made.layer},${made.layer}&v=1`);
  const right = page.getByRole('group', { name: '右图' });
  await right.getByRole('combobox', { name: '右图的时点' }).click();
  await page.locator('.ant-select-dropdown:visible').getByTitle(`情景 ${title}`, { exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`~scenario~${made.scenario_id}`));
  await expect(page.locator('.side-by-side.split [data-map-idle="true"]')).toHaveCount(2, {
    timeout: 45_000,
  });
  const marks = page.getByRole('status', { name: '标出差异' });
  await expect(marks).toContainText(new RegExp(`新增低效\\s*${entered.length}`));
  await picture(page, 'compare-scenario');
  await expectAccessible(page);

  // Of the parcels that a condition leaves only those are counted.
  const left = await page.request.get(
    `/ogc/collections/${made.layer}/items?limit=1000&filter=${encodeURIComponent('area_mu > 15')}`,
  );
  const kept = new Set(((await left.json()) as { features: { id: number }[] }).features.map((it) => it.id));
  const q = encodeURIComponent(`cql,${made.layer},area_mu > 15`);
  const side = `${made.layer}~scenario~${made.scenario_id}`;
  await page.goto(`/?l=${made.layer},1,1&q=${q}&c=split,0.5,1,${made.layer},${side}&v=1`);
  await expect(marks).toContainText(new RegExp(`新增低效\\s*${entered.filter((it) => kept.has(it)).length}`));
});

test('coordinates are read out in every system, and found where they were', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  const text = page.getByRole('button', { name: '坐标', exact: true });
  const choose = async (name: RegExp) => {
    await page.getByRole('combobox', { name: '坐标格式' }).click();
    const options = page.locator('.ant-select-dropdown:visible .ant-select-item-option');
    await page.keyboard.press('Home');
    for (let step = 0; step < 14 && (await options.filter({ hasText: name }).count()) === 0; step += 1) {
      await page.mouse.wheel(0, 80);
      await page.keyboard.press('ArrowDown');
    }
    await options.filter({ hasText: name }).first().click();
  };
  const place = async () => {
    const [, lat, lon] = page.url().match(/#map=[\d.]+\/([\d.]+)\/([\d.]+)/) ?? [];
    return [Number(lon), Number(lat)] as const;
  };
  for (const [name, form] of [
    [/EPSG:4549.*本地/, /^X 34\d{5}\.\d\d {2}Y 6\d{5}\.\d\d$/],
    [/EPSG:4528.*本地/, /^X 34\d{5}\.\d\d {2}Y 406\d{5}\.\d\d$/],
    [/EPSG:4550/, /^X 34\d{5}\.\d\d {2}Y 3\d{5}\.\d\d$/],
    [/Web 墨卡托/, /^13\d{6}\.\d\d, 36\d{5}\.\d\d$/],
    [/GCJ-02/, /^121\.\d{6}, 31\.\d{6}$/],
    [/度分秒/, /^121°.*E {2}31°.*N$/],
  ] as const) {
    await choose(name);
    await expect(text).toHaveText(form);
    const said = await text.innerText();
    if (name.source === 'GCJ-02') await expect(page.getByText('不得入库')).toBeVisible();
    await text.click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(said);
    const before = await place();
    await searchBox(page).fill(said);
    const found = page.locator('.search-result');
    await expect(found.first()).toContainText(/^按 /);
    if (name.source === 'GCJ-02') await found.filter({ hasText: 'GCJ-02' }).click();
    else await searchBox(page).press('Enter');
    await waitForMap(page);
    const after = await place();
    expect(Math.abs(after[0] - before[0]) + Math.abs(after[1] - before[1])).toBeLessThan(2e-5);
    await searchBox(page).fill('');
  }
  // The choice is kept.
  await page.reload();
  await expect(text).toHaveText(/^121°.*E/);
});
