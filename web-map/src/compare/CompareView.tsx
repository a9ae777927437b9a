import { Alert, Button, Segmented, Skeleton } from 'antd';
import { CloseOutlined, PictureOutlined, SwapOutlined } from '@ant-design/icons';
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { explain } from '../api/explain';
import type { LayerTree } from '../api/schema';
import { useText } from '../i18n';
import { SideBySide, type TwoMaps } from '../map/side-by-side/SideBySide';
import { useStates } from '../map/states';
import { useMapStore } from '../map/store';
import type { Kind } from '../scenarios/flips';
import type { CompareView as Compared, SideView } from '../state/url';
import { useView } from '../state/view';
import { narrowedTile } from '../live/tiles';
import { isGone, useSide, type Found } from './data';
import { Difference } from './Difference';
import { savePicture } from './picture';
import { SideLegend } from './SideLegend';
import { SidePicker } from './SidePicker';
import { changesOf, differencesOf, kindState, ownVerdict, sideStyle } from './sides';
import { useSideTitle } from './use-side-title';
import './compare.css';

const kinds: readonly Kind[] = ['in', 'out', 'other'];

type Props = {
  tree: LayerTree;
  compare: Compared;
  /** What the tiles are narrowed to; other conditions are other maps. */
  filters: ReadonlyMap<string, string>;
  /** What stands beside the tools. */
  children?: ReactNode;
};

/** 对比分析: two maps with one camera, and what differs between them. */
export function CompareView({ tree, compare, filters, children }: Props) {
  const { t } = useText();
  const view = useView();
  const { setCompare } = view;
  const [maps, setMaps] = useState<TwoMaps | null>(null);
  const { left, right, mode } = compare;
  const one = useSide(tree, left, filters.get(left.layer) ?? null);
  const other = useSide(tree, right, filters.get(right.layer) ?? null);
  const change = (it: Partial<Compared>) => setCompare({ ...compare, ...it });
  const titleOf = useSideTitle(tree);

  const areDays = left.of.kind === 'day' && right.of.kind === 'day' && left.layer === right.layer;
  const areJudged = left.layer === right.layer && left.of.kind !== 'day' && right.of.kind !== 'day';
  const canDiffer = areDays || (areJudged && (left.of.kind !== 'now' || right.of.kind !== 'now'));
  const marks = compare.difference && canDiffer;
  const changes = useMemo(
    () => (areDays && one.found.day && other.found.day ? changesOf(one.found.day, other.found.day) : []),
    [areDays, one.found.day, other.found.day],
  );
  const differences = useMemo(
    () => (areJudged ? differencesOf(one.found.verdicts, other.found.verdicts) : new Map<number, Kind>()),
    [areJudged, one.found.verdicts, other.found.verdicts],
  );
  const leftStyle = useSideStyle(tree, left, one.found, changes, marks);
  const rightStyle = useSideStyle(tree, right, other.found, changes, marks);
  useVerdicts(maps?.left ?? null, left, one.found);
  useVerdicts(maps?.right ?? null, right, other.found);
  useStates(maps?.left ?? null, areJudged ? left.layer : null, kindState, differences);
  useStates(maps?.right ?? null, areJudged ? right.layer : null, kindState, differences);

  // Search, coordinates and print go by the left map; the right one follows it.
  const onMaps = useCallback((both: TwoMaps | null) => {
    setMaps(both);
    useMapStore.setState({ map: both?.left ?? null, failed: {} });
  }, []);
  useEffect(() => () => useMapStore.setState({ map: null }), []);

  const sums = kinds.map((kind) => ({
    kind,
    rows: areDays
      ? changes.filter((it) => it.kind === kind).length
      : [...differences.values()].filter((it) => it === kind).length,
  }));
  const isPending = one.isPending || other.isPending;
  return (
    <div className="compare">
      <div className="compare-bar" role="toolbar" aria-label={t('compare.title')}>
        <SidePicker
          tree={tree}
          side={left}
          name={t('compare.left')}
          onChange={(to) => change({ left: to })}
        />
        <Button
          type="text"
          icon={<SwapOutlined />}
          aria-label={t('compare.swap')}
          title={t('compare.swap')}
          onClick={() => change({ left: right, right: left })}
        />
        <SidePicker
          tree={tree}
          side={right}
          name={t('compare.right')}
          onChange={(to) => change({ right: to })}
        />
        <span className="spring" />
        <Segmented<Compared['mode']>
          aria-label={t('compare.mode')}
          value={mode}
          onChange={(to) => change({ mode: to })}
          options={(['swipe', 'split'] as const).map((value) => ({
            value,
            label: t(`compare.modes.${value}`),
          }))}
        />
        <Button
          icon={<PictureOutlined />}
          disabled={!maps}
          onClick={() =>
            maps && void savePicture(maps, compare, [titleOf(left), titleOf(right)], t('compare.title'))
          }
        >
          {t('compare.picture')}
        </Button>
        <Button icon={<CloseOutlined />} onClick={() => setCompare(null)}>
          {t('compare.close')}
        </Button>
        {children}
      </div>
      <div className="compare-maps">
        <SideBySide
          left={{ title: titleOf(left), style: leftStyle }}
          right={{ title: titleOf(right), style: rightStyle }}
          mode={mode}
          bounds={tree.bounds}
          hash
          ask={(url) => narrowedTile(url, filters)}
          at={compare.at}
          onAt={(at) => change({ at: Math.round(at * 100) / 100 })}
          onMaps={onMaps}
        >
          <div className="compare-note">
            {[one, other].map(
              (it, nth) =>
                it.error && (
                  <Alert
                    key={nth}
                    type={isGone(it.error) ? 'warning' : 'error'}
                    showIcon
                    title={t(nth === 0 ? 'compare.left_failed' : 'compare.right_failed')}
                    description={explain(it.error, t)}
                  />
                ),
            )}
            {isPending && <Skeleton.Button active size="small" />}
            {canDiffer && (
              <Difference
                isOn={compare.difference}
                onTurn={(difference) => change({ difference })}
                sums={isPending ? null : sums}
                areDays={areDays}
                isCut={one.found.isCut || other.found.isCut}
              />
            )}
            <SideLegend layers={tree.layers} side={left} name={t('compare.left')} />
          </div>
          <div className="compare-note right">
            <SideLegend layers={tree.layers} side={right} name={t('compare.right')} />
          </div>
        </SideBySide>
      </div>
    </div>
  );
}

function useSideStyle(
  tree: LayerTree,
  side: SideView,
  found: Found,
  changes: ReturnType<typeof changesOf>,
  marks: boolean,
) {
  const { layers, hidden, theme } = useView();
  return useMemo(() => {
    const view = { layers, hidden, sel: null, theme };
    return sideStyle({ layers: tree.layers, view, side, day: found.day, changes, marks });
  }, [tree, layers, hidden, theme, side, found, changes, marks]);
}

/** The verdicts that a side has other than the tiles, as states of its features. */
function useVerdicts(map: TwoMaps['left'] | null, side: SideView, found: Found): void {
  const states = useMemo(
    () => new Map([...found.verdicts].map(([id, it]) => [id, it.own])),
    [found.verdicts],
  );
  const isJudged = side.of.kind === 'run' || side.of.kind === 'scenario';
  useStates(map, isJudged ? side.layer : null, ownVerdict, states);
}
