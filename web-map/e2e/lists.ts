// Lists for walks to work on: made through the API, in the session of the page.
import { expect, type Page } from '@playwright/test';

const year = new Date().getFullYear();

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
