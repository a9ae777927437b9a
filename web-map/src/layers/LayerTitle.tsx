import { InfoCircleOutlined, WarningFilled } from '@ant-design/icons';
import { Button, Slider, Tooltip } from 'antd';
import type { ReactNode } from 'react';
import type { Layer, LayerTree } from '../api/schema';
import { count, date, percent } from '../format';
import { useText } from '../i18n';
import { retryLayer, useMapStore } from '../map/store';
import { useView } from '../state/view';
import { Locks } from './Locks';
import { Swatch } from './Swatch';
import { layerView } from './order';

type Props = { tree: LayerTree; layer: Layer; visible: boolean; children: ReactNode };

/** The line of a layer: its switch, what is wrong with it, and how strongly it is drawn. */
export function LayerTitle({ tree, layer, visible, children }: Props) {
  const { t, own } = useText();
  const view = useView();
  const failed = useMapStore((it) => it.failed[layer.id] === true);
  const only = layer.legend.length === 1 ? layer.legend[0] : undefined;
  const title = own(layer.title);
  const facts = [
    own(layer.about),
    layer.data.count ? t('panel.features', { count: count(layer.data.count) }) : null,
    layer.data.count === 0 ? t('panel.no_data') : null,
    layer.data.updated_at ? t('panel.updated', { date: date(layer.data.updated_at) }) : null,
    layer.data.file ? t('panel.source', { file: layer.data.file }) : null,
  ].filter((it) => it !== null && it !== title);
  return (
    <div className="layer-title">
      <div className="layer-switch">
        {children}
        <Tooltip title={<Lines texts={facts} />} placement="right">
          <InfoCircleOutlined
            className="about"
            tabIndex={0}
            aria-label={t('panel.about', { title, facts: facts.join(' ') })}
          />
        </Tooltip>
      </div>
      <Locks layer={layer} />
      {visible && failed && (
        <Button size="small" type="text" danger icon={<WarningFilled />} onClick={() => retryLayer(layer.id)}>
          {t('map.failed')} · {t('map.retry')}
        </Button>
      )}
      {visible && !failed && layer.role !== 'base' && (
        <Slider
          className="opacity"
          min={0}
          max={1}
          step={0.05}
          value={layerView(tree.layers, layer, view).opacity}
          onChange={(opacity) => view.setLayer(layer, { opacity })}
          ariaLabelForHandle={t('panel.opacity', { title })}
          tooltip={{ formatter: (it) => percent(it) }}
        />
      )}
      {only && <Swatch row={only} />}
    </div>
  );
}

function Lines({ texts }: { texts: (string | null)[] }) {
  return texts.map((it) => <div key={it}>{it}</div>);
}
