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
  /** Other fields that the same figures go to: those as given in 亩, beside those in m². */
  also: { field: string; unit: string | null }[];
  /** A factor that an earlier mapping stated in the place of a unit. */
  scale: string | null;
  /** How the server found the field; null where a person chose, or none is. */
  how: string | null;
};

/** Every column of the file, in its order; columns that the report does not quote come without samples. */
export function rowsOf(report: Report, mapping: MappingFile | null): ColumnRow[] {
  // A constant is no column of the file.
  const fromFile = report.mapping.filter((it) => !isConstant(mapping?.columns[it.field]));
  const known = report.columns ?? [];
  const listed = new Set(known.map((it) => it.header));
  // Reports name every column, or at least those that are used or kept.
  const named = report.columns ? [] : [...fromFile.map((it) => it.header), ...report.extra];
  const others = named.filter((it) => !listed.has(it));
  const all = [...known, ...[...new Set(others)].map((header) => ({ header, samples: null }))];
  return all.map((column) => {
    const [it, ...others] = fromFile.filter((one) => one.header === column.header);
    return {
      header: column.header,
      samples: column.samples,
      field: it?.field ?? null,
      unit: it?.unit ?? null,
      how: it?.how ?? null,
      also: others.map((one) => ({ field: one.field, unit: one.unit ?? null })),
      scale: (!it?.unit && it?.factor?.match(/^× ([\d.]+)$/)?.[1]) || null,
    };
  });
}

/** Required fields that no column fills and no constant stands for. */
export function missingFields(
  rows: readonly ColumnRow[],
  target: ImportTarget,
  mapping: MappingFile | null,
): TargetField[] {
  const filled = new Set(rows.flatMap((it) => [it.field, ...it.also.map((one) => one.field)]));
  return target.fields.filter(
    (it) => it.required && !filled.has(it.name) && !isConstant(mapping?.columns[it.name]),
  );
}

/** A field takes one column: choosing it for another sets the first one free. */
export function choose(rows: readonly ColumnRow[], header: string, field: string | null): ColumnRow[] {
  return rows.map((it) => {
    // What a factor was for, another field may not be.
    if (it.header === header) return { ...it, field, how: null, scale: null, also: [] };
    const also = it.also.filter((one) => one.field !== field);
    return field !== null && it.field === field
      ? { ...it, field: null, unit: null, how: null, scale: null, also: [] }
      : { ...it, also };
  });
}

export function chooseUnit(rows: readonly ColumnRow[], header: string, unit: string | null): ColumnRow[] {
  return rows.map((it) => (it.header === header ? { ...it, unit, scale: null, also: [] } : it));
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
    if (isConstant(column)) columns[field] = column;
  }
  for (const row of rows) {
    if (row.field === null) continue;
    const earlier = before?.columns[row.field];
    const detail: ColumnDetail =
      typeof earlier === 'object' && earlier.constant == null && earlier.header === row.header ? earlier : {};
    const { unit, scale } = row;
    // Either a unit or a factor: both would multiply.
    const factor = unit !== null ? { unit } : scale !== null ? { scale } : {};
    const { values, combine } = detail;
    const whole = {
      ...(values ? { values } : {}),
      ...(combine ? { combine } : {}),
      ...factor,
      header: row.header,
    };
    columns[row.field] = Object.keys(whole).length === 1 ? row.header : whole;
    for (const { field, unit } of row.also) {
      columns[field] = unit === null ? row.header : { header: row.header, unit };
    }
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

function isConstant(column: string | ColumnDetail | undefined): column is ColumnDetail {
  return typeof column === 'object' && column.constant != null;
}
