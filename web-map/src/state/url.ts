// The view as a link and back: `/?l=<id>,<1|0>,<opacity>;…&f=<id>,<row>,<row>;…&sel=<parcel_code>&v=1`.
// Pure. What is read is treated as hostile: anything that is not exactly of this form is passed over.
// The camera is kept by MapLibre in `#map=z/lat/lng`.

export type LayerView = { visible: boolean; opacity: number };

export type ViewState = {
  /** Only layers that were touched; the others are as the server declares them. */
  layers: Readonly<Record<string, LayerView>>;
  /** Legend rows switched off, by layer, ascending. */
  hidden: Readonly<Record<string, readonly number[]>>;
  /** The open parcel. */
  sel: string | null;
};

export const emptyView: ViewState = { layers: {}, hidden: {}, sel: null };

const version = '1';
const layerId = /^[a-z][a-z0-9_]{0,62}$/;
const opacityText = /^(0|1|0\.\d{1,2})$/;
const rowText = /^\d{1,2}$/;
const maxLayers = 200;

/** Codes come from many registers, so most characters pass; control characters and great length do not. */
export function isParcelCode(text: string): boolean {
  // eslint-disable-next-line no-control-regex
  return text.length > 0 && text.length <= 64 && !/[\u0000-\u001f\u007f]/.test(text);
}

export function readView(search: string): ViewState {
  const query = new URLSearchParams(search);
  if ((query.get('v') ?? version) !== version) return emptyView;
  const sel = query.get('sel');
  return {
    layers: Object.fromEntries(parts(query.get('l')).flatMap(readLayer)),
    hidden: Object.fromEntries(parts(query.get('f')).flatMap(readHidden)),
    sel: sel !== null && isParcelCode(sel) ? sel : null,
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
  if (view.sel !== null) query.push(`sel=${encodeURIComponent(view.sel)}`);
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
