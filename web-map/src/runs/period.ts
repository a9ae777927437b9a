// Years, quarters and months as people say them. Pure.
import type { TFunction } from 'i18next';

export type Period = { year: number; quarter?: number; month?: number };

/** A period as the server spells it: `2025`, `2025Q3`, `2025-07`; null where it is none. */
export function parsePeriod(text: string): Period | null {
  const found = /^(\d{4})(?:Q([1-4])|-(0[1-9]|1[0-2]))?$/.exec(text);
  if (!found) return null;
  const [, year, quarter, month] = found;
  return {
    year: Number(year),
    ...(quarter ? { quarter: Number(quarter) } : {}),
    ...(month ? { month: Number(month) } : {}),
  };
}

/** As people say it; what is none stays as it is spelt. */
export function periodText(text: string, t: TFunction): string {
  const it = parsePeriod(text);
  if (it === null) return text;
  if (it.quarter !== undefined) return t('runs.of_quarter', { year: it.year, quarter: it.quarter });
  if (it.month !== undefined) return t('runs.of_month', { year: it.year, month: it.month });
  return t('runs.of_year', { year: it.year });
}

/** Whether it is a whole year: only those judge parcels. */
export function isYear(text: string): boolean {
  return /^\d{4}$/.test(text);
}
