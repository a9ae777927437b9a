// Accessibility of a page as it stands, for the walks that end on one.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** No fault against WCAG 2.2 AA; the message names the rule and the first elements. */
export async function expectAccessible(page: Page): Promise<void> {
  // Half-way between two colours neither has its contrast: what is a fault still is one when nothing moves any more.
  await expect(async () => expect(await faults(page)).toEqual([])).toPass({ timeout: 10_000 });
}

async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(wcag).analyze();
  return violations.map(
    (it) =>
      `${it.id}: ${it.nodes
        .slice(0, 3)
        .map((own) => own.html.slice(0, 160))
        .join(' | ')}`,
  );
}

/** A picture for somebody to look at, where `MUTU_PICTURES` asks for them. */
export async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  if (process.env['MUTU_PICTURES']) await page.screenshot({ path: `test-results/${name}.png`, fullPage });
}
