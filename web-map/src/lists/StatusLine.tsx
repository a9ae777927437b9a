import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import type { Case } from '../api/lists';
import { decimal } from '../format';
import { useText } from '../i18n';
import { boxOf, sizeOf, type Range } from './block';
import { columns } from './columns';
import { isNumber } from './show';
import { useStore } from './store';
import { sum } from './sums';

type Props = {
  said: string;
  codes: readonly string[];
  range: Range;
  rowOf: (code: string) => Case | undefined;
  listId: number;
};

/** Under the table: what the last act came to, and the sum of what is selected, as spreadsheets have it. */
export function StatusLine({ said, codes, range, rowOf, listId }: Props) {
  const { t } = useText();
  const queries = useQueryClient();
  const { total, isLoaded, sheet } = useStore();
  // What is wrong with the rows changes with them.
  const { rows } = sheet;
  useEffect(() => {
    if (!isLoaded) return;
    // Red lines are looked up for every row: of a long list not after every cell.
    const pause = rows.size > 1000 ? 15_000 : 1_500;
    const timer = setTimeout(() => void queries.invalidateQueries({ queryKey: ['checks', listId] }), pause);
    return () => clearTimeout(timer);
  }, [queries, listId, isLoaded, rows]);
  const selected = useMemo(() => {
    const box = boxOf(range);
    if (sizeOf(box) < 2) return null;
    const numbers = columns.slice(box.left, box.right + 1).filter(isNumber);
    const rows = codes.slice(box.top, box.bottom + 1).flatMap((it) => rowOf(it) ?? []);
    const values = numbers.flatMap((column) => rows.map((it) => it[column.id] as string | null));
    return { cells: sizeOf(box), sum: numbers.length > 0 ? sum(values) : null };
  }, [range, codes, rowOf]);
  return (
    <div className="list-status">
      <span role="status" aria-live="polite">
        {said}
      </span>
      <span className="spring" />
      {selected && (
        <span>
          {t('lists.selected', { count: selected.cells })}
          {selected.sum !== null && ` · ${t('lists.selected_sum', { sum: decimal(selected.sum, 2) })}`}
        </span>
      )}
      <span className="quiet">
        {isLoaded
          ? t('lists.rows', { count: codes.length })
          : t('lists.loading', { count: sheet.order.length, all: total?.cases ?? '…' })}
      </span>
    </div>
  );
}
