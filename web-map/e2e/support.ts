import { expect, type Locator, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import type { LayerTree } from '../src/api/schema';

/** Where the signed-in session is kept. */
export const steward = join(import.meta.dirname, '../test-results/steward.json');

/** All tiles in view are drawn. */
export async function waitForMap(page: Page): Promise<void> {
  // The flag falls with the first event of a change; two idle looks in a row see past that moment.
  for (let look = 0; look < 2; look += 1) {
    await expect(page.locator('[data-map-idle="true"]')).toBeVisible({ timeout: 45_000 });
    await page.waitForTimeout(150);
  }
  await expect(page.locator('[data-map-idle="true"]')).toBeVisible({ timeout: 45_000 });
}

export async function layerTree(page: Page): Promise<LayerTree> {
  const response = await page.request.get('/api/v1/layers');
  expect(response.ok()).toBe(true);
  return (await response.json()) as LayerTree;
}

/** The colours in the map's picture: a blank or lost canvas has very few. */
export async function mapColours(page: Page): Promise<Set<number>> {
  const png = await mapPicture(page);
  const colours = await page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.width;
    canvas.height = image.height;
    const pen = canvas.getContext('2d');
    if (!pen) return [];
    pen.drawImage(image, 0, 0);
    const pixels = new Uint32Array(pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return [...new Set(pixels)];
  }, png.toString('base64'));
  return new Set(colours);
}

/** The part of the map's picture, 0 to 1, that is clearly another colour in `b` than in `a`. */
export async function difference(page: Page, a: Buffer, b: Buffer): Promise<number> {
  return page.evaluate(
    async (pictures) => {
      const [one, two] = await Promise.all(
        pictures.map(async (base64) => {
          const image = new Image();
          image.src = `data:image/png;base64,${base64}`;
          await image.decode();
          // Small, so that half a pixel's shift of an outline does not count.
          const canvas = Object.assign(document.createElement('canvas'), { width: 200, height: 160 });
          const pen = canvas.getContext('2d');
          pen?.drawImage(image, 0, 0, 200, 160);
          return pen?.getImageData(0, 0, 200, 160).data ?? new Uint8ClampedArray();
        }),
      );
      if (!one || !two) return 1;
      let other = 0;
      for (let at = 0; at < one.length; at += 4) {
        const apart = [0, 1, 2].map((it) => Math.abs((one[at + it] ?? 0) - (two[at + it] ?? 0)));
        if (Math.max(...apart) > 40) other += 1;
      }
      return (other * 4) / one.length;
    },
    [a, b].map((it) => it.toString('base64')),
  );
}

export async function mapPicture(page: Page): Promise<Buffer> {
  return page.locator('.map canvas').screenshot();
}

export async function webGlAlive(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const context = document.querySelector<HTMLCanvasElement>('.map canvas')?.getContext('webgl2');
    return context ? !context.isContextLost() : false;
  });
}

/** Looks for a parcel as a person does: where the pointer becomes a hand. Zooms in when none is found. */
export async function clickParcel(page: Page): Promise<void> {
  const canvas = page.locator('.map canvas');
  for (let zoom = 0; zoom < 5; zoom += 1) {
    const box = await canvas.boundingBox();
    if (!box) throw new Error('the map has no size');
    for (let step = 0; step < 80; step += 1) {
      // From the middle outwards in a spiral, away from the edges and their controls.
      const radius = 0.38 * Math.sqrt(step / 80);
      const x = box.x + box.width * (0.5 + radius * Math.cos(step * 2.4));
      const y = box.y + box.height * (0.5 + radius * Math.sin(step * 2.4));
      await page.mouse.move(x, y);
      await page.waitForTimeout(60);
      if ((await canvas.evaluate((it) => it.style.cursor)) === 'pointer') {
        await page.mouse.click(x, y);
        return;
      }
    }
    await page.locator('.maplibregl-ctrl-zoom-in').click();
    await waitForMap(page);
  }
  throw new Error('no parcel under any of the points tried');
}

/** Fails the test on script errors and on error messages of the console. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return errors;
}

/** The files of a ZIP archive (an XLSX is one), by name. */
export function unzip(archive: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  const end = archive.lastIndexOf('PK\u0005\u0006');
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size] = [archive.readUInt16LE(at + 10), archive.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((it) => archive.readUInt16LE(at + it));
    const local = archive.readUInt32LE(at + 42);
    const data = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const packed = archive.subarray(data, data + size);
    const title = archive.toString('utf8', at + 46, at + 46 + (name ?? 0));
    files.set(title, (method === 0 ? packed : inflateRawSync(packed)).toString());
    at += 46 + (name ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return files;
}

/** The code of some parcel that everybody may see. */
export async function someParcelCode(page: Page): Promise<string> {
  const subject = (await layerTree(page)).layers.find(
    (it) => it.readable && it.geometry === 'polygon' && it.identify !== null,
  );
  const items = await page.request.get(`/ogc/collections/${subject?.id}/items?limit=1`);
  const { features } = (await items.json()) as { features: { properties: Record<string, string> }[] };
  const code = features[0]?.properties[subject?.identify ?? ''];
  if (code === undefined) throw new Error('no layer of parcels');
  return code;
}

/** The dossier's panel beside the map. */
export function dossierOf(page: Page): Locator {
  return page.getByRole('complementary', { name: /地块档案|Parcel dossier/ });
}

export function searchBox(page: Page): Locator {
  return page.getByRole('combobox', { name: /搜索|Search/ });
}

/** Nothing may be asked of any other host; what is asked in spite of it is told. */
export async function takeOffline(page: Page, baseURL: string | undefined): Promise<string[]> {
  const own = new URL(baseURL ?? '').host;
  const foreign: string[] = [];
  await page.context().route(
    (url) => /^(http|ws)/.test(url.protocol) && url.host !== own,
    async (route) => {
      foreign.push(route.request().url());
      await route.abort();
    },
  );
  return foreign;
}

/** What a program of poppler's says of a PDF. */
export function readPdf(program: 'pdfinfo' | 'pdffonts' | 'pdftotext', path: string): string {
  const more = program === 'pdftotext' ? ['-layout', path, '-'] : [path];
  return execFileSync(program, more, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
}

/** Counts requests for tiles, and what the map's workers are told: to load a tile, and to parse one again. Before the page is opened. */
export async function countTiles(
  page: Page,
): Promise<() => Promise<{ requests: number; loaded: number; again: number }>> {
  let requests = 0;
  page.on('request', (it) => (requests += it.url().includes('/tiles/') ? 1 : 0));
  await page.addInitScript(() => {
    const told = { LT: 0, RT: 0 };
    Object.assign(window, { told });
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message: { type?: string }, ...rest: never[]) {
      if (message.type === 'LT' || message.type === 'RT') told[message.type] += 1;
      post.call(this, message, ...rest);
    };
  });
  return async () => {
    const { LT, RT } = await page.evaluate(
      () => (window as unknown as { told: { LT: number; RT: number } }).told,
    );
    return { requests, loaded: LT, again: RT };
  };
}
