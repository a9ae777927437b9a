// From what somebody typed or pasted to a value of a case, and back. Pure. Decimals stay strings.
import type { Case, Quarters, Way } from '../api/lists';
import type { Column } from './columns';
import { canonical } from './sums';

export type Value = string | null | Quarters;

/** `why` is a key of the texts: `lists.wrong.<why>`. */
export type Parsed = { value: Value } | { why: Why };
export type Why = 'decimal' | 'digits' | 'whole' | 'date' | 'path' | 'no_path' | 'nodes' | 'long' | 'fixed';

export function parseCell(column: Column, given: string, path: string | null, ways: readonly Way[]): Parsed {
  if (!column.editable) return { why: 'fixed' };
  const text = given.normalize('NFKC').trim();
  if (column.kind === 'nodes') return parseNodes(text, path, ways);
  if (text === '') return { value: null };
  switch (column.kind) {
    case 'decimal':
    case 'whole':
      return parseNumber(text, column.kind);
    case 'date':
      return parseDate(text);
    case 'path': {
      const way = wayOf(text, ways);
      return way ? { value: way.id } : { why: 'path' };
    }
    default:
      // Compatibility forms are kept in what people write: （2026）1号 is not (2026)1号.
      return given.trim().length > column.most ? { why: 'long' } : { value: given.trim() };
  }
}

function parseNumber(text: string, kind: 'decimal' | 'whole'): Parsed {
  const digits = text.replace(/[,\s]/g, '');
  if (!/^\d+(\.\d+)?$/.test(digits)) return { why: 'decimal' };
  const value = canonical(digits);
  const [whole = '', rest = ''] = value.split('.');
  if (rest.length > 6 || whole.length > 9 || whole.length + rest.length > 15) return { why: 'digits' };
  if (kind === 'whole' && rest !== '') return { why: 'whole' };
  return { value };
}

function parseDate(text: string): Parsed {
  const parts =
    text.match(/^(\d{4})(\d{2})(\d{2})$/) ?? text.match(/^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/);
  if (!parts) return { why: 'date' };
  const [year, month, day] = [1, 2, 3].map((it) => Number(parts[it]));
  const at = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day ?? 0));
  const value = at.toISOString().slice(0, 10);
  const same = at.getUTCMonth() + 1 === month && at.getUTCDate() === day && at.getUTCFullYear() === year;
  return same ? { value } : { why: 'date' };
}

/** By id, by title in either language, or by how a title begins where only one does. */
function wayOf(text: string, ways: readonly Way[]): Way | undefined {
  const named = (it: Way) => [it.id, it.title.zh, it.title.en.toLowerCase()];
  const wanted = text.toLowerCase();
  const beginning = ways.filter((it) => named(it).some((name) => name.startsWith(wanted)));
  return ways.find((it) => named(it).includes(wanted)) ?? (beginning.length === 1 ? beginning[0] : undefined);
}

const chineseQuarter: Record<string, string> = { 一: '1', 二: '2', 三: '3', 四: '4' };

/** `评估2026Q1；签约2026年第二季度`: milestones of the path with their quarters. What was reached (`✓`) is passed over. */
function parseNodes(text: string, path: string | null, ways: readonly Way[]): Parsed {
  if (text === '') return { value: {} };
  const way = ways.find((it) => it.id === path);
  if (!way) return { why: 'no_path' };
  const nodes: Record<string, string> = {};
  for (const part of text.split(/[;,、\n]+/).map((it) => it.trim())) {
    if (part === '' || part.includes('✓')) continue;
    const found = part.match(/^(.+?)\s*[::]?\s*(\d{4})\s*(?:Q|年第?)\s*([1-4一二三四])(?:季度?)?$/i);
    const name = found?.[1]?.toLowerCase();
    const station = way.milestones.find((it) => [it.id, it.zh, it.en.toLowerCase()].includes(name ?? ''));
    if (!found || !station) return { why: 'nodes' };
    const nth = found[3] ?? '';
    nodes[station.id] = `${found[2]}Q${chineseQuarter[nth] ?? nth}`;
  }
  return { value: nodes };
}

export function nodesText(it: Pick<Case, 'nodes' | 'reached' | 'path'>, ways: readonly Way[]): string {
  const way = ways.find((one) => one.id === it.path);
  const stations = (way?.milestones ?? []).flatMap((one) => {
    const day = it.reached[one.id];
    const quarter = it.nodes[one.id];
    return day ? [`${one.zh}✓${day}`] : quarter ? [`${one.zh}${quarter}`] : [];
  });
  return stations.join('；');
}

/** The same value in every digit and node. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].every((it) => a[it] === b[it]);
  }
  return (a ?? null) === (b ?? null);
}
