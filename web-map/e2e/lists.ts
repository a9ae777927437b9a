// Lists for walks to work on: made through the API, in the session of the page.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Locator, type Page } from '@playwright/test';

const shots = process.env['MUTU_SHOTS'];
export const year = new Date().getFullYear();

/** A request of the page itself, with its session. */
export async function call<T>(page: Page, method: string, path: string, body?: unknown): Promise<T> {
  return page.evaluate(
    async ([method, path, body]) => {
      const response = await fetch(path as string, {
        method: method as string,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer: unknown = await response.json();
      if (!response.ok) throw new Error(JSON.stringify(answer));
      return answer as T;
    },
    [method, path, body] as const,
  ) as Promise<T>;
}

export async function codes(page: Page, count: number, offset = 0): Promise<string[]> {
  const path = `/ogc/collections/parcels/items?f=json&limit=${count + offset}`;
  const { features } = await call<{ features: { properties: { parcel_code: string } }[] }>(page, 'GET', path);
  return features.slice(offset).map((it) => it.properties.parcel_code);
}

export async function newList(
  page: Page,
  name: string,
  parcels: string[],
): Promise<{ id: number; cases: string[] }> {
  const made = await call<{ list: { list_id: number }; added: string[] }>(page, 'POST', '/api/v1/lists', {
    name,
    kind: 'renewal',
    year,
    code_prefix: 'JD',
    selection: { parcel_codes: parcels.join('\n') },
  });
  return { id: made.list.list_id, cases: made.added };
}

export async function openList(page: Page, id: number): Promise<void> {
  await page.goto(`/lists/${id}`);
  await expect(page.getByText(/^\d+ 行$/)).toBeVisible();
}

/** A picture for somebody to look at, where `MUTU_SHOTS` asks for them. */
export async function shot(page: Page, name: string): Promise<void> {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, animations: 'disabled' });
}

/** No fault against WCAG in a part of the page. */
export async function accessible(page: Page, within: string): Promise<void> {
  // Colours that are on their way are neither.
  await page.waitForTimeout(500);
  const found = await new AxeBuilder({ page }).include(within).analyze();
  expect(
    found.violations.map((it) => `${it.id}: ${it.nodes.map((one) => one.html.slice(0, 160)).join(' | ')}`),
  ).toEqual([]);
}

/** The cell of a row (from 0) in a column by its heading. */
export function cell(page: Page, row: number, heading: string): Locator {
  return page.locator(`[data-row="${row}"]`).locator(`[data-col="${headings.indexOf(heading)}"]`);
}

let headings: string[] = [];

/** The place of a column. */
export const headingAt = (heading: string) => headings.indexOf(heading);

/** Before `cell` and `foot`: which column has which heading. */
export async function readHeadings(page: Page): Promise<void> {
  headings = (await page.getByRole('columnheader').allTextContents()).map((it) => it.replace(/（.*$/, ''));
}

export const isSaved = (page: Page) => expect(page.locator('.saving')).toHaveText('已自动保存');

/** The sum at the foot, in all its digits. */
export async function foot(page: Page, heading: string): Promise<string> {
  const at = headings.indexOf(heading);
  return (await page.locator('.sheet-foot [role="gridcell"]').nth(at).getAttribute('data-total')) ?? '';
}

export async function pasteCells(page: Page, text: string): Promise<void> {
  await page.locator('.sheet-editor').evaluate((field, given) => {
    const data = new DataTransfer();
    data.setData('text/plain', given);
    field.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, text);
}
