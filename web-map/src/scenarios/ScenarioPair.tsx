import { Segmented } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { scenarioStyle, turnedOf, type Turned } from './flips';
import { boxOf, useTurned } from './states';
import { useLayerTree } from '../api/hooks';
import { useFlips, type Asked } from '../api/scenarios';
import type { Bbox, Layer, LayerTree, Scenario } from '../api/schema';
import { useText } from '../i18n';
import { hasWebGl2 } from '../map/new-map';
import { SideBySide, type TwoMaps } from '../map/side-by-side/SideBySide';

type Props = {
  /** Null: what the run found. */
  left: Scenario | null;
  right: Scenario | null;
  layerId: string;
  runId: number;
};

/** Two scenarios on two maps with one camera. */
export function ScenarioPair({ layerId, ...of }: Props) {
  const tree = useLayerTree().data;
  const layer = tree?.layers.find((it) => it.id === layerId && it.readable);
  if (!tree || !layer || !hasWebGl2) return null;
  return <Maps tree={tree} layer={layer} {...of} />;
}

type Shown = Omit<Props, 'layerId'> & { tree: LayerTree; layer: Layer };

function Maps({ tree, layer, left, right, runId }: Shown) {
  const { t } = useText();
  const [mode, setMode] = useState<'split' | 'swipe'>('split');
  const [maps, setMaps] = useState<TwoMaps | null>(null);
  const [bbox, setBbox] = useState<Bbox | null>(null);
  const style = useMemo(() => scenarioStyle(tree.layers, layer, 'changed', null), [tree, layer]);
  const leftTurned = useFound(left, layer.id, runId, bbox);
  const rightTurned = useFound(right, layer.id, runId, bbox);
  useTurned(maps?.left ?? null, layer.id, leftTurned);
  useTurned(maps?.right ?? null, layer.id, rightTurned);

  useEffect(() => {
    if (!maps) return;
    const look = () => setBbox(boxOf(maps.left));
    look();
    const moved = maps.left.on('moveend', look);
    return () => moved.unsubscribe();
  }, [maps]);

  const name = (it: Scenario | null) => it?.title ?? t('scenarios.run');
  return (
    <section className="scenario-pair" aria-label={t('scenarios.pair')}>
      <div className="units-head">
        <p className="quiet">{t('scenarios.pair_legend')}</p>
        <span className="spring" />
        <Segmented
          size="small"
          aria-label={t('scenarios.pair_mode')}
          value={mode}
          onChange={setMode}
          options={(['split', 'swipe'] as const).map((value) => ({ value, label: t(`scenarios.${value}`) }))}
        />
      </div>
      <div className="pair-maps" data-left-turned={leftTurned.size} data-right-turned={rightTurned.size}>
        <SideBySide
          left={{ title: name(left), style }}
          right={{ title: name(right), style }}
          mode={mode}
          bounds={layer.data.bounds ?? tree.bounds}
          onMaps={setMaps}
        />
      </div>
    </section>
  );
}

const nothing: Asked = { layer: '', ruleset: '', changes: { parameters: {}, rules: {} }, targetMu: null };
const nobody: ReadonlyMap<number, Turned> = new Map();

/** The parcels that a scenario turns in the box; of the run itself none. */
function useFound(it: Scenario | null, layer: string, runId: number, bbox: Bbox | null) {
  const asked = useMemo<Asked | null>(
    () => it && { layer, ruleset: it.ruleset, changes: it.changes, targetMu: null },
    [it, layer],
  );
  const flips = useFlips(asked ?? nothing, runId, asked && bbox).data;
  return useMemo(() => (asked && flips ? turnedOf(flips).turned : nobody), [asked, flips]);
}
