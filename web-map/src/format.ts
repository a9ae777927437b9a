// The only place where a number becomes text. Decimals arrive as strings and are rounded here as
// strings, half up, so that a figure on screen never differs from the register by a float's error.
import type { Unit } from './api/schema';

export type Figure = string | number | null | undefined;

const thinSpace = '\u202f';

/** Rounded half away from zero to `places`, with thousands; null when `value` is no number. */
export function decimal(value: Figure, places: number, trim = false): string | null {
  if (value === null || value === undefined) return null;
  const match = plain(String(value)).match(/^(-?)(\d+)(?:\.(\d+))?$/);
  if (!match) return null;
  const [, sign = '', whole = '0', fraction = ''] = match;
  const kept = fraction.slice(0, places).padEnd(places, '0');
  let digits = BigInt(whole + kept);
  if ((fraction[places] ?? '0') >= '5') digits += 1n;
  const text = digits.toString().padStart(places + 1, '0');
  const head = places > 0 ? text.slice(0, -places) : text;
  let tail = places > 0 ? text.slice(-places) : '';
  if (trim) tail = tail.replace(/0+$/, '');
  const grouped = head.replace(/\B(?=(\d{3})+$)/g, ',');
  const minus = sign && digits !== 0n ? '−' : '';
  return `${minus}${grouped}${tail ? `.${tail}` : ''}`;
}

/** Numbers from JavaScript may be written as 1e-7; figures of the register never are. */
function plain(text: string): string {
  return /e/i.test(text) ? Number(text).toFixed(12) : text.trim();
}

export type Language = 'zh' | 'en';

/** Decimal places and name of every unit of the server. */
const units: Record<Unit, { places: number; zh: string; en: string }> = {
  m: { places: 1, zh: '米', en: 'm' },
  m2: { places: 1, zh: 'm²', en: 'm²' },
  mu: { places: 2, zh: '亩', en: 'mu' },
  ha: { places: 4, zh: '公顷', en: 'ha' },
  wan: { places: 2, zh: '万元', en: '10k CNY' },
  wan_per_mu: { places: 2, zh: '万元/亩', en: '10k CNY/mu' },
  wan_per_tce: { places: 2, zh: '万元/吨标准煤', en: '10k CNY/tce' },
  tce: { places: 2, zh: '吨标准煤', en: 'tce' },
  kwh: { places: 0, zh: '千瓦时', en: 'kWh' },
  m3: { places: 0, zh: 'm³', en: 'm³' },
  t: { places: 2, zh: '吨', en: 't' },
  persons: { places: 0, zh: '人', en: 'people' },
  ratio: { places: 2, zh: '', en: '' },
  years: { places: 0, zh: '年', en: 'yr' },
  count: { places: 0, zh: '', en: '' },
};

/** A figure with its unit, or null when it is missing. Without a unit it is shown as it is. */
export function quantity(value: Figure, unit: Unit | null, language: Language): string | null {
  if (unit === null) return decimal(value, 6, true);
  const text = decimal(value, units[unit].places);
  return text === null ? null : `${text} ${units[unit][language]}`.trim();
}

/** As `quantity`, but to four places: rounded to two, 4.9996 would seem to reach a threshold of 5. */
export function exact(value: Figure, unit: Unit | null, language: Language): string | null {
  const text = decimal(value, 4, true);
  return text === null || unit === null ? text : `${text} ${units[unit][language]}`.trim();
}

export function count(value: Figure): string | null {
  return decimal(value, 0);
}

/** 亩 of square metres, exactly: m² × 0.0015. */
export function muOf(m2: Figure): string | null {
  const match = String(m2 ?? '').match(/^(\d+)(?:\.(\d+))?$/);
  if (!match) return null;
  const [, whole = '0', fraction = ''] = match;
  const places = fraction.length + 4;
  const digits = (BigInt(whole + fraction) * 15n).toString().padStart(places + 1, '0');
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** The size of a file, in steps of 1024. */
export function bytes(value: number): string {
  const step = value < 1024 ? 0 : value < 1024 ** 2 ? 1 : value < 1024 ** 3 ? 2 : 3;
  const places = step === 0 ? 0 : 1;
  return `${decimal(value / 1024 ** step, places)} ${['B', 'KB', 'MB', 'GB'][step]}`;
}

/** From a share of 1; `shift` is 2 for a share and 0 for a figure that is a percentage already. */
export function percent(share: Figure, shift = 2): string | null {
  if (share === null || share === undefined) return null;
  const text = plain(String(share));
  if (!/^\d+(\.\d+)?$/.test(text)) return null;
  const [whole = '', fraction = ''] = text.split('.');
  const padded = fraction.padEnd(shift, '0');
  return `${decimal(`${whole}${padded.slice(0, shift)}.${padded.slice(shift)}0`, 1)}%`;
}

/** For the width of a bar, where a float does no harm. */
export function barWidth(share: Figure): string {
  const value = Number(share ?? 0);
  return `${Number.isFinite(value) ? Math.min(100, Math.max(0, value * 100)) : 0}%`;
}

export function date(value: string | null | undefined): string | null {
  return value?.match(/^\d{4}-\d{2}-\d{2}/)?.[0] ?? null;
}

/** Date and time of day where the reader is, to the minute. */
export function minute(value: string | null | undefined): string | null {
  const at = new Date(value ?? NaN);
  if (Number.isNaN(at.getTime())) return null;
  const two = (it: number) => String(it).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The day where the reader is; `date` takes the day as it is written. */
export function day(value: string | null | undefined): string | null {
  return minute(value)?.slice(0, 10) ?? null;
}

/** Whole days left: 0 on the last day, negative when it is over. */
export function daysUntil(value: string | null | undefined, now: Date): number | null {
  const at = new Date(value ?? NaN).getTime();
  return Number.isNaN(at) ? null : Math.floor((at - now.getTime()) / 86_400_000);
}

/** `1:12,500` on a screen of OGC's standard 0.28 mm pixels, to two significant digits. */
export function scale(zoom: number, lat: number): string {
  const metresPerPixel = (78271.517 * Math.cos((lat * Math.PI) / 180)) / 2 ** zoom;
  const denominator = metresPerPixel / 0.00028;
  const step = 10 ** Math.max(0, Math.floor(Math.log10(denominator)) - 1);
  return `1:${thinSpace}${decimal(Math.round(denominator / step) * step, 0)}`;
}

/** The name of a unit that the server writes as text; nothing for one without a name. */
export function unitName(unit: string | null, language: Language): string {
  return unit !== null && unit in units ? units[unit as Unit][language] : '';
}
