import { Alert, Button, Select } from 'antd';
import { touches } from './area';
import type { Chosen } from './choice';
import { layersOfParcels, parcelLayer } from './layers';
import { explain } from '../api/explain';
import type { LayerTree } from '../api/schema';
import { useStats } from '../api/stats';
import { count, decimal } from '../format';
import { useText } from '../i18n';
import { DrawMap } from '../planning/DrawMap';
import { closed, nothing, shapeOf, undone } from '../planning/drawing';

type Props = { tree: LayerTree; chosen: Chosen; onChoose: (to: Chosen) => void };

/** Parcels that a drawn polygon touches, with how many they are before they are taken. */
export function AreaChoice({ tree, chosen, onChoose }: Props) {
  const { t, own } = useText();
  const { drawing } = chosen;
  const layers = layersOfParcels(tree).filter((it) => it.geometry === 'polygon');
  const layer = layers.find((it) => it.id === chosen.layer) ?? parcelLayer(tree);
  const shape = shapeOf(drawing);
  const area = layer?.fields.find((it) => it.unit === 'mu' && it.readable)?.name;
  const found = useStats(
    layer && shape
      ? { layer: layer.id, filter: touches(shape), ...(area ? { measures: [{ sum: area }] } : {}) }
      : null,
  );
  const draw = (change: (it: Chosen['drawing']) => Chosen['drawing']) =>
    onChoose({ ...chosen, layer: layer?.id ?? null, drawing: change(drawing) });
  return (
    <>
      <Select
        value={layer?.id ?? null}
        onChange={(id) => onChoose({ ...chosen, layer: id })}
        aria-label={t('lists.which_layer')}
        options={layers.map((it) => ({ value: it.id, label: own(it.title) }))}
      />
      <div className="area-map">
        <DrawMap tree={tree} drawing={drawing} fault={null} onDraw={draw} />
      </div>
      <div className="area-tools">
        <Button size="small" disabled={drawing.vertices.length === 0} onClick={() => draw(undone)}>
          {t('lists.undo')}
        </Button>
        <Button
          size="small"
          disabled={drawing.vertices.length < 3 || drawing.isClosed}
          onClick={() => draw(closed)}
        >
          {t('lists.close_shape')}
        </Button>
        <Button size="small" disabled={drawing.vertices.length === 0} onClick={() => draw(() => nothing)}>
          {t('lists.draw_anew')}
        </Button>
        <span role="status">
          {shape && found.data
            ? t('lists.area_found', {
                count: count(found.data.total.count),
                mu: decimal(area ? found.data.total.measures[`sum_${area}`]?.value : null, 2) ?? '–',
              })
            : t('lists.draw_how')}
        </span>
      </div>
      {found.isError && <Alert type="error" showIcon title={explain(found.error, t)} />}
    </>
  );
}
