import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type MouseEvent } from 'react';
import type { Case } from '../api/lists';
import { useText } from '../i18n';
import { boxOf, type Place, type Range } from './block';
import { columns, frozen, frozenWidth, fullWidth, lefts } from './columns';
import { Editor, type EditorHandle } from './Editor';
import { GridRow, rowHeight, type Marks } from './GridRow';
import { headingOf, isNumber, type Say } from './show';
import { Foot } from './Foot';

export const headHeight = 48;
export const footHeight = 32;

type Props = {
  codes: readonly string[];
  rowOf: (code: string) => Case | undefined;
  marks: ReadonlyMap<string, Marks>;
  say: Say;
  range: Range;
  onRange: (to: Range) => void;
  onOpen: (code: string) => void;
  /** What an act came to, for the line under the table. */
  onSay: (text: string) => void;
};

/** The cases as a spreadsheet. Only rows in view are in the page; the keys go to one field, which lies over the active cell. */
export function Grid({ codes, rowOf, marks, say, range, onRange, onOpen, onSay }: Props) {
  const { t } = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorHandle>(null);
  const [isFocused, setFocused] = useState(false);
  const virtual = useVirtualizer({
    count: codes.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 20,
  });
  const box = boxOf(range);
  const { active } = range;

  useEffect(() => {
    if (scroller.current) bringIntoView(scroller.current, active);
  }, [active]);

  const placeOf = (event: MouseEvent): Place | null => {
    const cell = (event.target as Element).closest<HTMLElement>('[data-col]');
    const row = cell?.closest<HTMLElement>('[data-row]');
    return cell && row ? { row: Number(row.dataset['row']), col: Number(cell.dataset['col']) } : null;
  };
  const press = (event: MouseEvent) => {
    const place = placeOf(event);
    if (!place || event.button !== 0) return;
    event.preventDefault();
    editor.current?.leave();
    onRange({ anchor: event.shiftKey ? range.anchor : place, active: place });
    editor.current?.focus();
  };
  const drag = (event: MouseEvent) => {
    const place = event.buttons === 1 ? placeOf(event) : null;
    if (place && (place.row !== active.row || place.col !== active.col)) {
      onRange({ anchor: range.anchor, active: place });
    }
  };

  return (
    <div className="sheet" ref={scroller}>
      <div
        className="sheet-content"
        style={{ width: fullWidth, height: headHeight + codes.length * rowHeight + footHeight }}
      >
        <div
          role="grid"
          aria-label={t('lists.table')}
          aria-rowcount={codes.length + 2}
          aria-colcount={columns.length}
          aria-multiselectable
          className={isFocused ? 'sheet-grid focused' : 'sheet-grid'}
          onMouseDown={press}
          onMouseMove={drag}
          onDoubleClick={(event) => {
            const place = placeOf(event);
            if (place?.col === 0) onOpen(codes[place.row] ?? '');
            else if (place) editor.current?.begin();
          }}
        >
          <div role="rowgroup" className="sheet-head" style={{ height: headHeight }}>
            <div role="row" aria-rowindex={1}>
              {columns.map((column, col) => (
                <div
                  key={column.id}
                  role="columnheader"
                  aria-colindex={col + 1}
                  className={`sheet-cell${col < frozen ? ' frozen' : ''}${isNumber(column) ? ' number' : ''}${column.editable ? '' : ' fixed'}`}
                  style={{ left: lefts[col], width: column.width }}
                >
                  {headingOf(column, say)}
                </div>
              ))}
            </div>
          </div>
          <div role="rowgroup" className="sheet-body" style={{ height: codes.length * rowHeight }}>
            {virtual.getVirtualItems().map(({ index }) => {
              const code = codes[index] ?? '';
              const row = rowOf(code);
              if (!row) return null;
              const isIn = index >= box.top && index <= box.bottom;
              return (
                <GridRow
                  key={code}
                  row={row}
                  nth={index}
                  say={say}
                  marks={marks.get(code)}
                  from={isIn ? box.left : 1}
                  to={isIn ? box.right : 0}
                  active={index === active.row ? active.col : -1}
                />
              );
            })}
          </div>
          <Foot say={say} rows={codes.length + 2} />
        </div>
        {codes.length > 0 && (
          <Editor
            ref={editor}
            rows={{ codes, row: rowOf }}
            range={range}
            say={say}
            page={Math.max(
              1,
              Math.floor(((scroller.current?.clientHeight ?? 600) - headHeight - footHeight) / rowHeight) - 1,
            )}
            onRange={onRange}
            onOpen={onOpen}
            onSay={onSay}
            onFocused={setFocused}
          />
        )}
      </div>
    </div>
  );
}

/** The head and the first columns lie over the cells, the foot over the last rows. */
function bringIntoView(it: HTMLElement, { row, col }: Place): void {
  const top = row * rowHeight;
  const visible = it.clientHeight - headHeight - footHeight;
  if (top < it.scrollTop) it.scrollTop = top;
  else if (top + rowHeight > it.scrollTop + visible) it.scrollTop = top + rowHeight - visible;
  if (col < frozen) return;
  const left = lefts[col] ?? 0;
  const right = lefts[col + 1] ?? left;
  if (left - frozenWidth < it.scrollLeft) it.scrollLeft = left - frozenWidth;
  else if (right > it.scrollLeft + it.clientWidth) it.scrollLeft = right - it.clientWidth;
}
