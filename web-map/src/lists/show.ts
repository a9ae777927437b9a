// How a cell is shown. Pure; in full it is `block.rawText`.
import type { TFunction } from 'i18next';
import type { Case, Way } from '../api/lists';
import type { Text } from '../api/schema';
import { decimal, unitName, type Language } from '../format';
import { nodesText } from './cells';
import { unitOf, type Column } from './columns';

export type Say = { t: TFunction; own: (text: Text) => string; language: Language; ways: readonly Way[] };

export function cellText(row: Case, column: Column, { t, own, ways }: Say): string {
  const value = row[column.id];
  if (column.kind === 'nodes') return nodesText(row, ways);
  if (value === null || value === undefined || value === '') return '';
  switch (column.kind) {
    case 'decimal':
      return decimal(String(value), 2) ?? '';
    case 'whole':
      return decimal(String(value), 0) ?? '';
    case 'path': {
      const way = ways.find((it) => it.id === value);
      return way ? own(way.title) : String(value);
    }
    case 'state':
      return `${t(`lists.state.${String(value)}`)}${row.held ? t('lists.held') : ''}`;
    default:
      return String(value);
  }
}

export const isNumber = (column: Column) => column.kind === 'decimal' || column.kind === 'whole';

/** `计划面积（亩）`: a unit that the heading does not say by itself. */
export function headingOf(column: Column, { t, language }: Say): string {
  const unit = unitName(unitOf(column.id), language);
  const title = t(`lists.column.${column.title ?? column.id}`);
  return unit ? t('lists.with_unit', { title, unit }) : title;
}
