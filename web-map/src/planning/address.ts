// Which tab is open, and for which parcel: `/planning?tab=sites`, `/planning?code=310114…`. Pure.
import { isParcelCode } from '../state/url';

export const tabs = ['conform', 'assemble', 'sites', 'reduce'] as const;
export type Tab = (typeof tabs)[number];
export type PlanningView = { tab: Tab; code: string | null };

export function readPlanning(search: string): PlanningView {
  const query = new URLSearchParams(search);
  const code = query.get('code');
  return {
    tab: tabs.find((it) => it === query.get('tab')) ?? 'conform',
    code: code !== null && isParcelCode(code) ? code : null,
  };
}

export function writePlanning({ tab, code }: PlanningView): string {
  const query = new URLSearchParams();
  if (tab !== 'conform') query.set('tab', tab);
  if (code !== null) query.set('code', code);
  const text = query.toString();
  return text ? `?${text}` : '';
}
