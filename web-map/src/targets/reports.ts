// The periods of reports, as the server writes them: `2026-W47`, `2026-05`, `2026Q2`, `2026H1`. Pure.
import type { ReportKind } from '../api/papers';

const forms: Record<ReportKind, RegExp> = {
  weekly: /^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$/,
  monthly: /^\d{4}-(0[1-9]|1[0-2])$/,
  quarterly: /^\d{4}Q[1-4]$/,
  half_year: /^\d{4}H[12]$/,
};

export function isPeriodOf(kind: ReportKind, period: string): boolean {
  return forms[kind].test(period);
}

/** How many periods back are offered. */
const back: Record<ReportKind, number> = { weekly: 12, monthly: 12, quarterly: 8, half_year: 6 };

/** The period that a day lies in and those before it, the newest first. `day` is `2026-11-22`. */
export function reportPeriods(kind: ReportKind, day: string): string[] {
  const [year = 0, month = 1] = day.split('-').map(Number);
  const periods: string[] = [];
  for (let nth = 0; nth < back[kind]; nth += 1) {
    if (kind === 'weekly') {
      periods.push(weekOf(new Date(Date.parse(`${day}T00:00:00Z`) - nth * 7 * 86_400_000)));
      continue;
    }
    const months = kind === 'monthly' ? 1 : kind === 'quarterly' ? 3 : 6;
    const part = year * (12 / months) + Math.floor((month - 1) / months) - nth;
    const [of, own] = [Math.floor(part / (12 / months)), (part % (12 / months)) + 1];
    periods.push(
      kind === 'monthly'
        ? `${of}-${String(own).padStart(2, '0')}`
        : `${of}${kind === 'quarterly' ? 'Q' : 'H'}${own}`,
    );
  }
  return periods;
}

/** ISO 8601: a week belongs to the year of its Thursday. */
function weekOf(day: Date): string {
  const thursday = new Date(day.getTime() + (3 - ((day.getUTCDay() + 6) % 7)) * 86_400_000);
  const year = thursday.getUTCFullYear();
  const first = Date.UTC(year, 0, 1);
  const week = 1 + Math.floor((thursday.getTime() - first) / (7 * 86_400_000));
  return `${year}-W${String(week).padStart(2, '0')}`;
}
