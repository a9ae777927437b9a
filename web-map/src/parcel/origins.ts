// Where the values of a dossier come from: whom to ask for one that is missing, and the file and day of one that is there. Pure.
import type { Buildings, Dossier, LayerTree, Measured, Origin, Text } from '../api/schema';
import { date } from '../format';

/** Who supplies each value, by its name: a measure's usual source, else what the register's folder says. */
export function suppliersOf(dossier: Dossier, tree: LayerTree | null): ReadonlyMap<string, Text> {
  const known = new Map<string, Text>();
  for (const layer of tree?.layers ?? []) {
    if (!layer.identify) continue;
    for (const it of layer.fields) if (it.supplier && !known.has(it.name)) known.set(it.name, it.supplier);
  }
  for (const it of dossier.measures) known.set(it.name, it.supplier);
  for (const rule of dossier.verdict?.evidence ?? []) {
    for (const it of rule.missing ?? []) known.set(it.name, it.supplier);
  }
  return known;
}

export type Source = { file: string | null; day: string; year: number | null; isNewer: boolean };

/** The files that a value came with, each once, the newest first. */
export function sourcesOf(origins: readonly Origin[]): Source[] {
  const found: Source[] = [];
  const newest = [...origins].sort((a, b) => b.recorded_at.localeCompare(a.recorded_at));
  for (const it of newest) {
    const day = date(it.recorded_at) ?? '';
    const same = found.find((own) => own.file === it.file && own.year === it.year && own.day === day);
    if (same) same.isNewer ||= it.is_newer;
    else found.push({ file: it.file, day, year: it.year, isNewer: it.is_newer });
  }
  return found;
}

/** The measure of that name; a value of the register itself has the register's own source. */
export function measureOf(dossier: Dossier, name: string): Measured | undefined {
  return dossier.measures.find((it) => it.name === name);
}

/** The part of the floor that stands empty, 0 to 1, where both are known. */
export function vacancy(built: Buildings): number | null {
  const [vacant, floor] = [built.vacant_area_m2, built.floor_area_m2].map((it) => Number(it ?? NaN));
  if (vacant === undefined || floor === undefined || !(floor > 0) || !(vacant >= 0)) return null;
  return Math.min(1, vacant / floor);
}
