import { AimOutlined } from '@ant-design/icons';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { Alert, Button, Table, type TableColumnsType } from 'antd';
import { lazy, Suspense, useEffect, useMemo, useRef } from 'react';
import { explain } from '../api/explain';
import type { LayerTree } from '../api/schema';
import { count } from '../format';
import { useText } from '../i18n';
import type { Look, Shapes } from './shape-style';

// Without a map in sight nothing of it is fetched.
const ShapeMap = lazy(() => import('./ShapeMap').then((it) => ({ default: it.ShapeMap })));

type Props<Row> = {
  /** What the shape of a row is called, on the map and here. */
  shapeOf: (row: Row) => string;
  columns: TableColumnsType<Row>;
  rows: UseInfiniteQueryResult<InfiniteData<object>>;
  list: (page: object) => Row[];
  look: Look;
  titles: Record<string, string>;
  /** Null: not there yet. */
  shapes: Shapes | null;
  /** Why there are none. */
  shapesFailed: { error: unknown; refetch: () => void } | null;
  /** Below the map: that it does not show all of them. */
  shapesNote: string | null;
  /** Null: the rows have no place on a map. */
  tree: LayerTree | null;
  into: string;
  chosen: string | null;
  onChoose: (shape: string) => void;
  empty: string;
  nameOf: (row: Row) => string;
};

/** A table and a map of the same rows: choosing in one shows in the other. The table alone says everything. */
export function LinkedRows<Row extends object>(props: Props<Row>) {
  const { shapeOf, columns, rows, list, look, titles, shapes, tree, into, chosen, onChoose } = props;
  const { t } = useText();
  const box = useRef<HTMLDivElement>(null);
  const data = useMemo(() => rows.data?.pages.flatMap(list) ?? [], [rows.data, list]);
  const placed = useMemo(
    () => new Set(shapes?.features.filter((it) => it.geometry).map((it) => it.properties['shape'])),
    [shapes],
  );
  const hasMap = tree !== null && placed.size > 0;

  useEffect(() => {
    // Chosen on the map, the row may be far down.
    box.current?.querySelector('.ant-table-row-selected')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  const listed = chosen === null || data.some((it) => shapeOf(it) === chosen);
  const place: TableColumnsType<Row> = hasMap
    ? [
        {
          key: 'place',
          width: 48,
          render: (_, row) =>
            placed.has(shapeOf(row)) && (
              <Button
                type="text"
                size="small"
                icon={<AimOutlined />}
                aria-pressed={shapeOf(row) === chosen}
                aria-label={t('import.show_place', { name: props.nameOf(row) })}
                title={t('import.show_place', { name: '' }).trim()}
              />
            ),
        },
      ]
    : [];
  return (
    <div className={hasMap ? 'linked' : 'linked alone'}>
      <div className="linked-rows" ref={box}>
        {rows.isError && (
          <Alert
            className="failure"
            type="error"
            showIcon
            title={explain(rows.error, t)}
            action={<Button onClick={() => void rows.refetch()}>{t('error.retry')}</Button>}
          />
        )}
        <Table<Row>
          size="small"
          tableLayout="fixed"
          sticky
          rowKey={shapeOf}
          columns={[...place, ...columns]}
          dataSource={data}
          loading={rows.isPending || rows.isPlaceholderData}
          pagination={false}
          rowClassName={(row) => (shapeOf(row) === chosen ? 'ant-table-row-selected' : '')}
          onRow={(row) => (placed.has(shapeOf(row)) ? { onClick: () => onChoose(shapeOf(row)) } : {})}
          locale={{ emptyText: rows.isPending || rows.isError ? ' ' : props.empty }}
        />
        {rows.hasNextPage && (
          <div className="older">
            <Button loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
              {t('import.more_rows', { shown: count(data.length) })}
            </Button>
          </div>
        )}
      </div>
      {hasMap && shapes && (
        <div className="linked-map">
          <Suspense fallback={<div className="shape-map" role="progressbar" aria-label={t('map.loading')} />}>
            <ShapeMap
              tree={tree}
              into={into}
              shapes={shapes}
              look={look}
              titles={titles}
              chosen={chosen}
              onChoose={onChoose}
            />
          </Suspense>
          {props.shapesNote && <p className="quiet">{props.shapesNote}</p>}
          {!listed && <p className="quiet">{t('import.not_listed')}</p>}
        </div>
      )}
      {tree !== null && props.shapesFailed && (
        <Alert
          className="failure"
          type="warning"
          showIcon
          title={t('import.no_shapes')}
          description={explain(props.shapesFailed.error, t)}
          action={<Button onClick={props.shapesFailed.refetch}>{t('error.retry')}</Button>}
        />
      )}
    </div>
  );
}
