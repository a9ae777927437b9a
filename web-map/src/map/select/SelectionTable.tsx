import { useVirtualizer } from '@tanstack/react-virtual';
import { Alert, Button, Spin } from 'antd';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { explain } from '../../api/explain';
import { useDossier, useLayerTree } from '../../api/hooks';
import type { Row } from '../../api/rows';
import type { Field, Layer } from '../../api/schema';
import { count } from '../../format';
import { useText } from '../../i18n';
import { labelsOf } from '../../layers/labels';
import { useView } from '../../state/view';
import { flyTo, useMapStore } from '../store';
import { headOf, textOf } from './cells';
import { codeOf, fieldsOf, useChosenRows, useFilteredRows } from './rows';
import { compareRows, isNumber, type Order } from './sort';
import { useSelect } from './store';
import { columnWidth } from './widths';

const rowHeight = 30;
/** Rows that the widths are taken from. */
const sampled = 200;

/** The selected rows, or all that the filters leave: the map for those who do not see it. Only rows in view are in the page. */
export function SelectionTable({ subject }: { subject: Layer }) {
  const { t, language } = useText();
  const { chosen, sel, select } = useView();
  const { hovered } = useSelect();
  const hasChosen = chosen.length > 0;
  const picked = useChosenRows(subject);
  const filtered = useFilteredRows(subject, !hasChosen);
  const [order, setOrder] = useState<Order>(null);
  const found = hasChosen ? picked : filtered;
  const fields = useMemo(() => fieldsOf(subject), [subject]);
  const layers = useLayerTree().data?.layers;
  const label = useMemo(() => labelsOf(subject, layers ?? []), [subject, layers]);
  const rows = useMemo(() => {
    const all: readonly Row[] = (hasChosen ? picked.data : filtered.data?.rows) ?? [];
    return order === null ? all : [...all].sort(compareRows(order));
  }, [hasChosen, picked.data, filtered.data, order]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 20,
  });

  // Chosen on the map, the row comes into view.
  const place = useMemo(() => rows.findIndex((it) => codeOf(subject, it) === sel), [rows, sel, subject]);
  useEffect(() => {
    if (place >= 0) virtual.scrollToIndex(place, { align: 'auto' });
  }, [place, virtual]);

  // Chosen here, the map goes there.
  const wanted = useRef<string | null>(null);
  const dossier = useDossier(sel).data;
  useEffect(() => {
    if (!dossier || dossier.parcel_code !== wanted.current) return;
    wanted.current = null;
    flyTo(dossier);
  }, [dossier]);
  const open = (code: string | null) => {
    if (code === null) return;
    wanted.current = code;
    if (dossier?.parcel_code === code) flyTo(dossier);
    select(code);
  };
  const hover = useHover(subject);
  const key = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by === undefined || rows.length === 0) return;
    event.preventDefault();
    const next = Math.min(rows.length - 1, Math.max(0, (place < 0 ? -1 : place) + by));
    if (rows[next]) open(codeOf(subject, rows[next]));
  };
  const isFigure = (it: Field) => isNumber(it) && !subject.legend.some((one) => one.match?.field === it.name);
  // Once for the rows, not with every step of the wheel.
  const widths = useMemo(() => {
    const some = rows.slice(0, sampled);
    return fields.map((it) =>
      columnWidth(
        headOf(it, language),
        some.map((row) => textOf(row, it, label, language) ?? ''),
      ),
    );
  }, [fields, rows, label, language]);
  const columns = widths
    .map((it, nth) => {
      const field = fields[nth];
      return field && (isFigure(field) || field.name === subject.identify)
        ? `${it}px`
        : `minmax(${it}px, 1fr)`;
    })
    .join(' ');
  const minWidth = widths.reduce((sum, it) => sum + it, 0);
  return (
    <section className="selection-table" aria-label={t(hasChosen ? 'select.table' : 'select.table_all')}>
      {found.isError && (
        <Alert
          type="error"
          showIcon
          title={explain(found.error, t)}
          action={<Button onClick={() => void found.refetch()}>{t('error.retry')}</Button>}
        />
      )}
      {found.isPending && <Spin size="small" />}
      <div
        className="rows"
        ref={scroller}
        tabIndex={0}
        role="grid"
        aria-rowcount={rows.length + 1}
        aria-label={t('select.rows', { count: count(rows.length) })}
        onKeyDown={key}
        onMouseLeave={() => hover(null)}
      >
        <div
          role="row"
          aria-rowindex={1}
          className="rows-head"
          style={{ gridTemplateColumns: columns, minWidth }}
        >
          {fields.map((it) => (
            <div
              key={it.name}
              role="columnheader"
              aria-sort={order?.field !== it.name ? 'none' : order.isDown ? 'descending' : 'ascending'}
              className={isFigure(it) ? 'number' : ''}
            >
              <button type="button" onClick={() => setOrder(next(order, it.name))}>
                {headOf(it, language)}
                {order?.field === it.name ? (order.isDown ? ' ↓' : ' ↑') : ''}
              </button>
            </div>
          ))}
        </div>
        <div className="rows-body" role="rowgroup" style={{ height: rows.length * rowHeight, minWidth }}>
          {virtual.getVirtualItems().map(({ index }) => {
            const row = rows[index];
            if (!row) return null;
            const code = codeOf(subject, row);
            const names = [
              'row',
              code !== null && code === sel && 'open',
              code !== null && code === hovered && 'hovered',
            ];
            return (
              <div
                key={row.id}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={code === sel}
                className={names.filter(Boolean).join(' ')}
                style={{
                  transform: `translateY(${index * rowHeight}px)`,
                  height: rowHeight,
                  gridTemplateColumns: columns,
                }}
                onMouseEnter={() => hover(row.id)}
                onClick={() => open(code)}
              >
                {fields.map((it) => (
                  <div key={it.name} role="gridcell" className={isFigure(it) ? 'number' : ''}>
                    {textOf(row, it, label, language) ?? <span className="quiet">{t('theme.missing')}</span>}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

const next = (order: Order, field: string): Order =>
  order?.field !== field ? { field, isDown: true } : order.isDown ? { field, isDown: false } : null;

/** The row under the pointer, as the map shows what is under it. */
function useHover(layer: Layer): (id: number | null) => void {
  const map = useMapStore((it) => it.map);
  const before = useRef<number | null>(null);
  return (id) => {
    if (!map || before.current === id || !map.getSource(layer.id)) return;
    const of = { source: layer.id, sourceLayer: layer.id };
    if (before.current !== null) map.removeFeatureState({ ...of, id: before.current }, 'hover');
    if (id !== null) map.setFeatureState({ ...of, id }, { hover: true });
    before.current = id;
  };
}
