// The columns of a file and the fields they fill, as a table that a person corrects, and back as a mapping. Pure.
import type { ColumnDetail, ImportTarget, MappingFile, Report, TargetField } from '../api/schema';

export type ColumnRow = {
  header: string;
  /** Null: the report does not quote them. */
  samples: string[] | null;
  /** Null: kept in `extra`. */
  field: string | null;
  /** What the figures are in, where the header or a person said so. */
  unit: string | null;
  /** How the server found the field; null where a person chose, or none is. */
  how: string | null;
};

/** Every column of the file, in its order; columns that the report does not quote come without samples. */
export function rowsOf(report: Report): ColumnRow[] {
  const mapped = new Map(report.mapping.map((it) => [it.header, it]));
  const known = report.columns ?? [];
  const listed = new Set(known.map((it) => it.header));
  const others = [...report.mapping.map((it) => it.header), ...report.extra].filter((it) => !listed.has(it));
  const all = [...known, ...[...new Set(others)].map((header) => ({ header, samples: null }))];
  return all.map((column) => {
    const it = mapped.get(column.header);
    return {
      header: column.header,
      samples: column.samples,
      field: it?.field ?? null,
      unit: it?.unit ?? null,
      how: it?.how ?? null,
    };
  });
}

/** Required fields that no column fills and no constant stands for. */
export function missingFields(
  rows: readonly ColumnRow[],
  target: ImportTarget,
  mapping: MappingFile | null,
): TargetField[] {
  const filled = new Set(rows.map((it) => it.field));
  const constant = (name: string) => {
    const it = mapping?.columns[name];
    return typeof it === 'object' && it.constant != null;
  };
  return target.fields.filter((it) => it.required && !filled.has(it.name) && !constant(it.name));
}

/** A field takes one column: choosing it for another sets the first one free. */
export function choose(rows: readonly ColumnRow[], header: string, field: string | null): ColumnRow[] {
  return rows.map((it) => {
    if (it.header === header) return { ...it, field, how: null };
    return field !== null && it.field === field ? { ...it, field: null, unit: null, how: null } : it;
  });
}

export function chooseUnit(rows: readonly ColumnRow[], header: string, unit: string | null): ColumnRow[] {
  return rows.map((it) => (it.header === header ? { ...it, unit } : it));
}

export function sameRows(a: readonly ColumnRow[], b: readonly ColumnRow[]): boolean {
  return a.length === b.length && a.every((it, at) => it.field === b[at]?.field && it.unit === b[at]?.unit);
}

/**
 * The table as a mapping that names everything: a column that was set free must not be found again by its alias. What
 * the table does not show (factors, values, constants, how rows are joined) stays as it was.
 */
export function toMapping(rows: readonly ColumnRow[], before: MappingFile | null): MappingFile {
  const columns: MappingFile['columns'] = {};
  for (const [field, column] of Object.entries(before?.columns ?? {})) {
    if (typeof column === 'object' && column.constant != null) columns[field] = column;
  }
  for (const row of rows) {
    if (row.field === null) continue;
    const earlier = before?.columns[row.field];
    const detail: ColumnDetail =
      typeof earlier === 'object' && earlier.constant == null && earlier.header === row.header ? earlier : {};
    // A unit that a person chose stands for the factor that the earlier mapping stated.
    const { unit: stated, scale, ...rest } = detail;
    const unit = row.unit ?? null;
    const kept = unit === (stated ?? null) && scale != null ? { scale } : {};
    const whole = { ...rest, ...kept, ...(unit === null ? {} : { unit }), header: row.header };
    columns[row.field] = Object.keys(whole).length === 1 ? row.header : whole;
  }
  return { columns, aliases: false, ...(before?.rows ? { rows: before.rows } : {}) };
}

/** What was asked for put into the mapping there is; the other fields are still found by themselves. */
export function filling(chosen: Readonly<Record<string, string>>, before: MappingFile | null): MappingFile {
  const columns = { ...before?.columns };
  for (const [field, header] of Object.entries(chosen)) {
    if (header) columns[field] = header;
  }
  return { ...before, columns };
}
