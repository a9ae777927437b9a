import { decimal } from '../format';
import { columns, frozen, lefts } from './columns';
import { isNumber, type Say } from './show';
import { useFoot } from './foot';

/** The sums of all cases that are not removed, to the last digit; where some are hidden, of those that are shown, too. */
export function Foot({ say, rows }: { say: Say; rows: number }) {
  const { t } = say;
  const { count, sums } = useFoot();
  return (
    <div role="rowgroup" className="sheet-foot">
      <div role="row" aria-rowindex={rows}>
        {columns.map((column, col) => (
          <div
            key={column.id}
            role="gridcell"
            aria-colindex={col + 1}
            className={`sheet-cell${col < frozen ? ' frozen' : ''}${isNumber(column) ? ' number' : ''}`}
            style={{ left: lefts[col], width: column.width }}
            data-total={sums[column.id]}
            title={sums[column.id]}
          >
            {col === 0
              ? t('lists.sum_of', { count })
              : column.summed
                ? decimal(sums[column.id], column.kind === 'whole' ? 0 : 2)
                : ''}
          </div>
        ))}
      </div>
    </div>
  );
}
