// What a person corrects, as the options of the next preview. Pure.
import type { Import, ImportOptions } from '../api/schema';

/** Null takes a correction back, so that the server finds out again by itself. */
export type Correction = { [Key in keyof ImportOptions]?: ImportOptions[Key] | null };

/** Rows that are there already are compared and brought up to date: the preview shows each of them first. */
export function firstOptions(into: string): ImportOptions {
  return { into, replace: true };
}

export function optionsOf(it: Import): ImportOptions | null {
  return it.options ?? (it.into === null ? null : firstOptions(it.into));
}

export function corrected(options: ImportOptions, correction: Correction): ImportOptions {
  const elsewhere = correction.into != null && correction.into !== options.into;
  // Another target has other fields; which layer of the file was meant goes with the old one, too.
  const kept: Correction = elsewhere ? { ...options, mapping: null, layer_name: null } : options;
  // Columns of another sheet have other names.
  const ofSheet: Correction = correction.layer_name === undefined ? {} : { mapping: null };
  const members = Object.entries({ ...kept, ...ofSheet, ...correction }).filter(([, it]) => it != null);
  return Object.fromEntries(members) as ImportOptions;
}

/** The answer to a question of the server, by the parameter that it named. */
export function answered(options: ImportOptions, parameter: string, answer: string): ImportOptions {
  const text = answer.trim();
  if (parameter === 'swap_axes') return corrected(options, { swap_axes: text === 'true' });
  return corrected(options, { [parameter]: text });
}

/** `4549` is what people type. */
export function crsText(typed: string): string {
  const text = typed.trim();
  return /^\d{4,6}$/.test(text) ? `EPSG:${text}` : text.replace(/^epsg\s*:\s*/i, 'EPSG:');
}

export function isCrsText(text: string): boolean {
  return /^EPSG:\d{4,6}$/.test(text) || /^\+proj=\S/.test(text) || text === 'local';
}

/** Encodings that files of offices come in; others are found by the server. */
export const encodings = ['UTF-8', 'GB18030', 'Big5', 'Shift_JIS', 'EUC-KR', 'windows-1252'] as const;

/** The systems that land files of China come in, the likeliest of a file without one first. */
export const commonSystems = [
  'EPSG:4490',
  'EPSG:4326',
  'EPSG:4547',
  'EPSG:4548',
  'EPSG:4549',
  'EPSG:4550',
  'EPSG:4526',
  'EPSG:4527',
  'EPSG:4528',
  'EPSG:4529',
  'EPSG:3857',
] as const;
