import { Alert, Button, Drawer, Skeleton, Table, type TableColumnsType } from 'antd';
import { useMemo } from 'react';
import type { Shown } from './address';
import { rowsOnMap } from './links';
import { download } from '../api/client';
import { explain } from '../api/explain';
import { exportPath } from '../api/hooks';
import { useAction } from '../api/action';
import type { Field, Layer, LayerTree } from '../api/schema';
import { usePages, type ListedRow as Row } from '../api/rows';
import { count, quantity } from '../format';
import { useText } from '../i18n';
import { labelsOf } from '../layers/labels';
import { toPath } from '../state/base';
import { dossierPath } from '../state/url';

type Props = { tree: LayerTree; shown: Shown; onClose: () => void };

/** The rows behind a number, exactly: as many as it says, on the map, in a file, and each with its dossier. */
export function RowsDrawer({ tree, shown, onClose }: Props) {
  const { t, own } = useText();
  const layer = tree.layers.find((it) => it.id === shown.layer) ?? null;
  return (
    <Drawer
      title={layer ? own(layer.title) : t('board.rows')}
      open
      onClose={onClose}
      size={760}
      destroyOnHidden
      className="board-rows"
    >
      {!layer?.readable ? (
        <Alert type="warning" showIcon title={t('board.no_layer')} />
      ) : (
        <Rows tree={tree} layer={layer} filter={shown.filter} />
      )}
    </Drawer>
  );
}

function Rows({ tree, layer, filter }: { tree: LayerTree; layer: Layer; filter: string | null }) {
  const { t, own, language } = useText();
  const fields = columnsOf(layer);
  const label = useMemo(() => labelsOf(layer, tree.layers), [layer, tree.layers]);
  const onMap = rowsOnMap(tree, layer, filter);
  const found = usePages(
    layer.id,
    filter,
    fields.map((it) => it.name),
  );
  const save = useAction(() =>
    download(exportPath(layer.id, 'xlsx', null, filter), `${own(layer.title)}.xlsx`),
  );
  if (found.isError) return <Alert type="error" showIcon title={explain(found.error, t)} />;
  if (!found.data) return <Skeleton active />;
  const rows = found.data.pages.flatMap((it) => it.features);
  const matched = found.data.pages[0]?.numberMatched;
  const columns: TableColumnsType<Row> = fields.map((field) => ({
    title: own(field.title),
    key: field.name,
    align: field.unit !== null ? 'right' : 'left',
    render: (_, row) => {
      const said = label(field, row.properties[field.name]);
      const text = said ? own(said) : cellText(row.properties[field.name], field);
      if (text === null) return <span className="quiet">–</span>;
      if (field.name !== layer.identify) return text;
      return <a href={toPath(dossierPath(text))}>{text}</a>;
    },
  }));
  return (
    <>
      <div className="board-head">
        <strong role="status">
          {t('board.found', { count: matched === undefined ? `${count(rows.length)}+` : count(matched) })}
        </strong>
        <span className="spring" />
        {onMap !== null && <Button href={toPath(onMap)}>{t('board.see_on_map')}</Button>}
        <Button onClick={() => save.run()} loading={save.busy}>
          {t('board.as_xlsx')}
        </Button>
      </div>
      {filter !== null && <code className="where">{filter}</code>}
      {save.failure && <Alert type="error" showIcon title={save.failure} />}
      <Table<Row>
        size="small"
        rowKey="id"
        columns={columns}
        dataSource={rows}
        pagination={false}
        scroll={{ x: 'max-content' }}
        locale={{ emptyText: <span className="quiet">{t('board.no_rows')}</span> }}
      />
      {found.hasNextPage && (
        <div className="older">
          <Button onClick={() => void found.fetchNextPage()} loading={found.isFetchingNextPage}>
            {t('board.more')}
          </Button>
        </div>
      )}
    </>
  );

  function cellText(value: unknown, field: Field): string | null {
    if (value === null || value === undefined) return null;
    if (typeof value === 'boolean') return t(value ? 'board.yes' : 'board.no');
    if (typeof value === 'number' || (typeof value === 'string' && field.unit !== null)) {
      return quantity(value, field.unit, language) ?? String(value);
    }
    return String(value);
  }
}

/** What the map tells of a feature, the code first. */
function columnsOf(layer: Layer): Field[] {
  const told = layer.fields.filter((it) => it.readable && (it.popup || it.name === layer.identify));
  return told.sort((a, b) => Number(b.name === layer.identify) - Number(a.name === layer.identify));
}
