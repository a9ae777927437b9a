// The tools over the map on a screen that is touched: corners are tapped, a lasso, a box and a circle drawn with one finger.
import { expect, test, type Page } from '@playwright/test';
import { layerTree, steward, waitForMap, watchErrors } from './support';

test.use({ storageState: steward, viewport: { width: 1180, height: 820 }, hasTouch: true });

type Point = readonly [number, number];

const bar = (page: Page) => page.getByRole('region', { name: '选择' });
const chosen = async (page: Page) =>
  Number((await bar(page).innerText()).match(/已选 ([\d,]+) 宗/)?.[1]?.replaceAll(',', '') ?? 0);
const camera = (page: Page) => page.url().match(/#map=.*/)?.[0];

async function open(page: Page) {
  const theme = (await layerTree(page)).layers.find(
    (it) => it.role === 'theme' && it.readable && it.identify !== null,
  );
  await page.goto(`/?l=${theme?.id},1,1&v=1`);
  await waitForMap(page);
  const canvas = await page.locator('.map canvas').boundingBox();
  if (!canvas) throw new Error('the map has no size');
  return (x: number, y: number): Point => [canvas.x + canvas.width * x, canvas.y + canvas.height * y];
}

/** One finger along the points, by the browser's own events of touch. */
async function drag(page: Page, points: readonly Point[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', at: Point | null) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [{ x: at[0], y: at[1] }] : [] });
  const [first, ...rest] = points;
  if (!first) return;
  await send('touchStart', first);
  let last = first;
  for (const it of rest) {
    for (let part = 1; part <= 8; part += 1) {
      const [x, y] = [last[0] + ((it[0] - last[0]) * part) / 8, last[1] + ((it[1] - last[1]) * part) / 8];
      await send('touchMove', [x, y]);
    }
    last = it;
  }
  await send('touchEnd', null);
  await session.detach();
}

test('a lasso, a box and a circle are drawn with a finger, and the map stays where it is', async ({
  page,
}) => {
  const errors = watchErrors(page);
  const at = await open(page);
  const before = camera(page);
  for (const [tool, points] of [
    ['套索选择', [at(0.35, 0.35), at(0.62, 0.33), at(0.66, 0.6), at(0.4, 0.62)]],
    ['框选', [at(0.35, 0.35), at(0.55, 0.6)]],
    ['圆形选择', [at(0.5, 0.5), at(0.6, 0.5)]],
  ] as const) {
    await page.getByRole('button', { name: tool }).tap();
    await drag(page, points);
    await expect.poll(() => chosen(page), { message: tool }).toBeGreaterThan(0);
    expect(camera(page)).toBe(before);
    await bar(page)
      .getByRole('button', { name: /清\s*除/ })
      .tap();
    await expect(bar(page)).toContainText('未选择');
  }
  // Without a tool the finger moves the map again.
  await page.getByRole('button', { name: '查看地块' }).tap();
  await drag(page, [at(0.5, 0.5), at(0.4, 0.4)]);
  await expect.poll(() => camera(page)).not.toBe(before);
  expect(errors).toEqual([]);
});

test('a polygon and measures are tapped, and end with a second tap', async ({ page }) => {
  const errors = watchErrors(page);
  const at = await open(page);
  const tap = (...points: Point[]) =>
    points.reduce((done, it) => done.then(() => page.touchscreen.tap(...it)), Promise.resolve());
  const before = camera(page);
  await page.getByRole('button', { name: '多边形选择' }).tap();
  const [x, y] = at(0.45, 0.65);
  // A finger does not come down at one pixel twice.
  await tap(at(0.3, 0.35), at(0.6, 0.35), [x, y], [x + 7, y + 6]);
  await expect.poll(() => chosen(page)).toBeGreaterThan(0);
  expect(camera(page)).toBe(before);

  await page.getByRole('button', { name: '量距离' }).tap();
  await tap(at(0.35, 0.5), at(0.55, 0.5));
  const said = page.locator('.sketch-hint');
  await expect(said).toContainText(/[\d,.]+ (米|公里)/);
  await page.getByRole('button', { name: '量面积' }).tap();
  await tap(at(0.35, 0.4), at(0.55, 0.4), at(0.5, 0.6));
  await expect(said).toContainText(/[\d,.]+ 亩/);
  expect(camera(page)).toBe(before);
  expect(errors).toEqual([]);
});
