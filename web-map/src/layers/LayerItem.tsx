import { Checkbox } from 'antd';
import type { Layer, LayerTree } from '../api/schema';
import { useText } from '../i18n';
import { useView } from '../state/view';
import { LayerDetails } from './LayerDetails';
import { LayerTitle } from './LayerTitle';
import { layerView } from './order';

export function LayerItem({ tree, layer }: { tree: LayerTree; layer: Layer }) {
  const { own } = useText();
  const view = useView();
  const { visible } = layerView(tree.layers, layer, view);
  return (
    <div className="layer">
      <LayerTitle tree={tree} layer={layer} visible={visible}>
        <Checkbox
          checked={visible}
          disabled={!layer.readable}
          onChange={(event) => view.setLayer(layer, { visible: event.target.checked })}
        >
          {own(layer.title)}
        </Checkbox>
      </LayerTitle>
      {visible && <LayerDetails layer={layer} />}
    </div>
  );
}
