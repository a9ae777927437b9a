// The view as a link and back: `/?l=<id>,<1|0>,<opacity>;…&f=<id>,<row>,<row>;…&q=<condition>&sel=<parcel_code>&v=1`.
// Pure. What is read is treated as hostile: anything that is not exactly of this form is passed over.
// The camera is kept by MapLibre in `#map=z/lat/lng`.

import { breaksMethods, type BreaksMethod } from './breaks';
import { readWhere, writeCondition, type Where } from './where';

export type LayerView = { visible: boolean; opacity: number };

export type ViewState = {
  /** Only layers that were touched; the others are as the server declares them. */
  layers: Readonly<Record<string, LayerView>>;
  /** Legend rows switched off, by layer, ascending. */
  hidden: Readonly<Record<string, readonly number[]>>;
  /** The open parcel. */
  sel: string | null;
  /** Classes of a figure in place of a layer's own legend. */
  theme?: ThemeView | null;
  /** Selected parcels; more than a link holds are not in it. */
  chosen?: readonly string[];
  /** Two maps in place of one. */
  compare?: CompareView | null;
  /** What map, legends, table and sums are narrowed to. */
  where?: Where;
};

export type ThemeView = {
  layer: string;
  field: string;
  method: BreaksMethod;
  classes: number;
  ramp: string;
  /** Rising; null while the server is asked. A link has them, so that two people see the same map. */
  bounds: readonly number[] | null;
  /** Only rows of these responsible units; all where there is none. */
  units: readonly string[];
};

/** One of two maps: a layer, as it is, on a day, as a run found it, or as a scenario would. */
export type SideView = {
  layer: string;
  of: { kind: 'now' } | { kind: 'day'; day: string } | { kind: 'run' | 'scenario'; id: number };
};

export type CompareView = {
  mode: 'swipe' | 'split';
  /** Where the swipe's handle is, 0 to 1. */
  at: number;
  left: SideView;
  right: SideView;
  /** Whether what differs is marked. */
  difference: boolean;
};

export const emptyView: ViewState = { layers: {}, hidden: {}, sel: null };

const version = '1';
const layerId = /^[a-z][a-z0-9_]{0,62}$/;
const opacityText = /^(0|1|0\.\d{1,2})$/;
const rowText = /^\d{1,2}$/;
const maxLayers = 200;
const fieldName = /^[a-z][a-z0-9_]{0,62}$/;
const rampName = /^[a-z]{2,12}(-r)?$/;
const numberText = /^-?\d{1,12}(\.\d{1,9})?$/;
const dayText = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const idText = /^[1-9]\d{0,14}$/;
/** Codes that a link holds: more make addresses that mail programs cut. */
export const chosenInLink = 50;
const mostUnits = 50;

/** Codes come from many registers, so most characters pass; control characters and great length do not. */
export function isParcelCode(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return text.length > 0 && text.length <= 64 && !/[\u0000-\u001f\u007f]/.test(text);
}

export function readView(search: string): ViewState {
  const query = new URLSearchParams(search);
  if ((query.get('v') ?? version) !== version) return emptyView;
  const sel = query.get('sel');
  const theme = readTheme(query.get('t'), query.getAll('u'));
  const chosen = query.getAll('s').filter(isParcelCode);
  const compare = readCompare(query.get('c'));
  const where = readWhere(query.getAll('q'));
  return {
    layers: Object.fromEntries(parts(query.get('l')).flatMap(readLayer)),
    hidden: Object.fromEntries(parts(query.get('f')).flatMap(readHidden)),
    sel: sel !== null && isParcelCode(sel) ? sel : null,
    ...(theme ? { theme } : {}),
    ...(chosen.length > 0 ? { chosen: [...new Set(chosen)].slice(0, chosenInLink) } : {}),
    ...(compare ? { compare } : {}),
    ...(where.length > 0 ? { where } : {}),
  };
}

export function writeView(view: ViewState): string {
  const layers = Object.entries(view.layers).map(
    ([id, it]) => `${id},${it.visible ? 1 : 0},${roundOpacity(it.opacity)}`,
  );
  const hidden = Object.entries(view.hidden)
    .filter(([, rows]) => rows.length > 0)
    .map(([id, rows]) => [id, ...rows].join(','));
  const query: string[] = [];
  if (layers.length > 0) query.push(`l=${layers.join(';')}`);
  if (hidden.length > 0) query.push(`f=${hidden.join(';')}`);
  query.push(...(view.where ?? []).map((it) => `q=${encodeURIComponent(writeCondition(it))}`));
  if (view.sel !== null) query.push(`sel=${encodeURIComponent(view.sel)}`);
  if (view.theme) {
    const { layer, field, method, classes, ramp, bounds, units } = view.theme;
    query.push(`t=${[layer, field, method, classes, ramp, ...(bounds ?? []).map(plain)].join(',')}`);
    query.push(...units.map((it) => `u=${encodeURIComponent(it)}`));
  }
  const chosen = view.chosen ?? [];
  if (chosen.length <= chosenInLink) query.push(...chosen.map((it) => `s=${encodeURIComponent(it)}`));
  if (view.compare) {
    const { mode, at, left, right, difference } = view.compare;
    query.push(
      `c=${[mode, roundOpacity(at), difference ? 1 : 0, writeSide(left), writeSide(right)].join(',')}`,
    );
  }
  return query.length > 0 ? `?${query.join('&')}&v=${version}` : '';
}

export function roundOpacity(opacity: number): number {
  return Math.round(Math.min(1, Math.max(0, opacity)) * 100) / 100;
}

export type Screen =
  | 'map'
  | 'sign_in'
  | 'account'
  | 'admin'
  | 'import'
  | 'scenarios'
  | 'planning'
  | 'runs'
  | 'lists'
  | 'targets'
  | 'board'
  | 'layers'
  | { parcelCode: string };

export const accountPage = '/account';
export const adminPage = '/admin';
export const importPage = '/import';
export const scenariosPage = '/scenarios';
export const planningPage = '/planning';
export const runsPage = '/runs';
export const listsPage = '/lists';
export const targetsPage = '/targets';
export const boardPage = '/board';
export const layersPage = '/layers';

/** The screen of a path of the service. */
export function readScreen(path: string): Screen {
  if (path === '/sign-in') return 'sign_in';
  if (path === accountPage) return 'account';
  if (path === adminPage) return 'admin';
  if (path === planningPage) return 'planning';
  if (path === importPage || readImportPath(path) !== null) return 'import';
  if (path === scenariosPage) return 'scenarios';
  if (path === runsPage || readRunPath(path) !== null) return 'runs';
  if (path === listsPage || readListPath(path) !== null) return 'lists';
  if (path === targetsPage) return 'targets';
  if (path === boardPage) return 'board';
  if (path === layersPage) return 'layers';
  const parcelCode = readDossierPath(path);
  return parcelCode === null ? 'map' : { parcelCode };
}

/** The run of its own page, or null on any other path. */
export function readRunPath(path: string): number | null {
  const digits = path.match(/^\/runs\/(\d{1,15})$/)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** The list of its own page, or null on any other path. */
export function readListPath(path: string): number | null {
  const digits = path.match(/^\/lists\/(\d{1,15})$/)?.[1];
  return digits === undefined ? null : Number(digits);
}

export function listPath(listId: number): string {
  return `${listsPage}/${listId}`;
}

/** A case, open beside the table of its list. */
export function casePath(listId: number, caseCode: string): string {
  return `${listPath(listId)}?case=${encodeURIComponent(caseCode)}`;
}

export function runPath(runId: number): string {
  return `${runsPage}/${runId}`;
}

/** The batch of an import's own page, or null on any other path. */
export function readImportPath(path: string): number | null {
  const digits = path.match(/^\/import\/(\d{1,15})$/)?.[1];
  return digits === undefined ? null : Number(digits);
}

export function importPath(batchId: number): string {
  return `${importPage}/${batchId}`;
}

/** The dossier page's parcel, or null on any other path. */
export function readDossierPath(path: string): string | null {
  const raw = path.match(/^\/d\/([^/]+)$/)?.[1];
  if (!raw) return null;
  try {
    const code = decodeURIComponent(raw);
    return isParcelCode(code) ? code : null;
  } catch {
    return null;
  }
}

export function dossierPath(parcelCode: string): string {
  return `/d/${encodeURIComponent(parcelCode)}`;
}

function parts(text: string | null): string[] {
  return text ? text.split(';').slice(0, maxLayers) : [];
}

function readLayer(text: string): [string, LayerView][] {
  const [id, visible, opacity, ...rest] = text.split(',');
  if (!id || !visible || !opacity || rest.length > 0) return [];
  if (!layerId.test(id) || !/^[01]$/.test(visible) || !opacityText.test(opacity)) return [];
  return [[id, { visible: visible === '1', opacity: Number(opacity) }]];
}

function readHidden(text: string): [string, number[]][] {
  const [id, ...rows] = text.split(',');
  if (!id || !layerId.test(id) || rows.length === 0 || !rows.every((it) => rowText.test(it))) return [];
  return [[id, [...new Set(rows.map(Number))].sort((a, b) => a - b)]];
}

/** Without an exponent, which `numberText` does not read. */
function plain(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, '');
}

function readTheme(text: string | null, units: readonly string[]): ThemeView | null {
  const [layer, field, method, classes, ramp, ...bounds] = (text ?? '').split(',');
  if (!layer || !field || !method || !classes || !ramp) return null;
  if (!layerId.test(layer) || !fieldName.test(field) || !rampName.test(ramp)) return null;
  const known = breaksMethods.find((it) => it === method);
  if (!known || !/^[3-9]$/.test(classes)) return null;
  const numbers = bounds.filter((it) => numberText.test(it)).map(Number);
  const rising = numbers.every((it, nth) => nth === 0 || it > (numbers[nth - 1] ?? it));
  const whole = numbers.length === bounds.length && numbers.length > 0 && numbers.length <= 8 && rising;
  if (known === 'manual' && !whole) return null;
  return {
    layer,
    field,
    method: known,
    classes: Number(classes),
    ramp,
    bounds: whole ? numbers : null,
    units: [...new Set(units.filter(isParcelCode))].slice(0, mostUnits),
  };
}

function readCompare(text: string | null): CompareView | null {
  const [mode, at, difference, left, right, ...rest] = (text ?? '').split(',');
  if ((mode !== 'swipe' && mode !== 'split') || !at || !opacityText.test(at) || rest.length > 0) return null;
  const [one, other] = [readSide(left), readSide(right)];
  if (!one || !other || (difference !== '0' && difference !== '1')) return null;
  return { mode, at: Number(at), left: one, right: other, difference: difference === '1' };
}

function readSide(text: string | undefined): SideView | null {
  const [layer, kind, of, ...rest] = (text ?? '').split('~');
  if (!layer || !layerId.test(layer) || rest.length > 0) return null;
  if (kind === undefined) return { layer, of: { kind: 'now' } };
  if (kind === 'day' && of && dayText.test(of)) return { layer, of: { kind, day: of } };
  if ((kind === 'run' || kind === 'scenario') && of && idText.test(of))
    return { layer, of: { kind, id: Number(of) } };
  return null;
}

export function writeSide({ layer, of }: SideView): string {
  if (of.kind === 'now') return layer;
  return `${layer}~${of.kind}~${of.kind === 'day' ? of.day : of.id}`;
}
