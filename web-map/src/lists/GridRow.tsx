import { memo } from 'react';
import type { Case, Finding } from '../api/lists';
import type { Conflict, Refusal } from './sheet';
import { columns, frozen, lefts } from './columns';
import { cellText, isNumber, type Say } from './show';

export const rowHeight = 30;

/** What is said of a row beside its cells. */
export type Marks = {
  conflicts: readonly Conflict[];
  refusals: readonly Refusal[];
  findings: readonly Finding[];
};

type Props = {
  row: Case;
  nth: number;
  say: Say;
  marks: Marks | undefined;
  /** Selected columns; from 1 to 0 where there are none. */
  from: number;
  to: number;
  active: number;
};

/** One case; drawn again only when something of it differs. */
export const GridRow = memo(function GridRow({ row, nth, say, marks, from, to, active }: Props) {
  const { t } = say;
  const worst = marks?.findings.some((it) => it.severity === 'error') ? 'error' : 'warning';
  return (
    <div
      role="row"
      aria-rowindex={nth + 2}
      className={row.state === 'removed' ? 'sheet-row removed' : 'sheet-row'}
      style={{ transform: `translateY(${nth * rowHeight}px)`, height: rowHeight }}
      data-row={nth}
      data-code={row.case_code}
    >
      {columns.map((column, col) => {
        const torn = marks?.conflicts.some((it) => it.member === column.id);
        const refusal = marks?.refusals.find((it) => it.member === column.id);
        const text = cellText(row, column, say);
        const names = [
          'sheet-cell',
          isNumber(column) && 'number',
          !column.editable && 'fixed',
          col < frozen && 'frozen',
          col >= from && col <= to && 'selected',
          col === active && 'active',
          torn && 'torn',
          refusal && 'refused',
        ];
        return (
          <div
            key={column.id}
            role="gridcell"
            aria-colindex={col + 1}
            aria-selected={col >= from && col <= to}
            className={names.filter(Boolean).join(' ')}
            style={{ left: lefts[col], width: column.width }}
            data-col={col}
            title={refusal ? refusal.why : text}
          >
            {col === 0 && (marks?.findings.length ?? 0) > 0 && (
              <span
                className={`sheet-finding ${worst}`}
                title={marks?.findings.map((it) => say.own(it.text)).join('\n')}
                role="img"
                aria-label={t('lists.findings', { count: marks?.findings.length })}
              >
                {worst === 'error' ? '✕' : '!'}
              </span>
            )}
            {text}
            {torn && <span className="unseen">{t('lists.torn')}</span>}
          </div>
        );
      })}
    </div>
  );
});
