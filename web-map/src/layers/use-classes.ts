// The classes of the active theme: asked of the server on the filtered set, and told to the map as states of features.
import { useEffect, useMemo } from 'react';
import { create } from 'zustand';
import { useRows, type Row } from '../api/rows';
import { useStats } from '../api/stats';
import type { Layer, LayerTree } from '../api/schema';
import { readableStep, rounded } from '../chart/axis';
import { useView } from '../state/view';
import type { ThemeView } from '../state/url';
import { classedFilter, classesOf, muField } from './classes';
import { activeTheme } from './order';

const bins = 48;

type Dragged = { dragged: readonly number[] | null; drag: (bounds: readonly number[] | null) => void };

/** Bounds while a handle is held: the map follows at once, the address and the undo hear of it when it is let go. */
export const useDragged = create<Dragged>()((set) => ({
  dragged: null,
  drag: (dragged) => set({ dragged }),
}));

/** The layer and the theme that are on, if the layer still has the figure and the session reads it. */
export function useClassed(tree: LayerTree | null): { layer: Layer; theme: ThemeView } | null {
  const view = useView();
  return useMemo(() => {
    const layer = tree ? activeTheme(tree.layers, view) : null;
    const { theme } = view;
    if (!layer || theme?.layer !== layer.id) return null;
    return layer.fields.some((it) => it.name === theme.field && it.readable) ? { layer, theme } : null;
  }, [tree, view]);
}

/** The distribution of the figure; where the theme has no bounds yet, the server's become its own. */
export function useDistribution(layer: Layer, theme: ThemeView) {
  const view = useView();
  const filter = classedFilter(layer, view);
  const { field, method, classes, bounds } = theme;
  const stats = useStats({
    layer: layer.id,
    ...(filter === null ? {} : { filter }),
    histogram: { field, bins },
    ...(bounds === null && method !== 'manual' ? { breaks: { field, method, classes } } : {}),
  });
  const answered = stats.isPlaceholderData ? undefined : stats.data;
  const { setClasses } = view;
  useEffect(() => {
    if (bounds !== null || !answered?.breaks) return;
    setClasses({ ...theme, bounds: readable(answered.breaks.breaks.map(Number), answered.breaks) });
  }, [answered, bounds, setClasses, theme]);
  return stats;
}

/**
 * Bounds that people read and say: rounded to a step far below the distance between them, as long as they stay apart.
 */
export function readable(
  bounds: readonly number[],
  ends: { min: string | null; max: string | null },
): number[] {
  const [min, max] = [Number(ends.min ?? 0), Number(ends.max ?? 0)];
  const result: number[] = [];
  bounds.forEach((it, nth) => {
    const gap = Math.min(it - (bounds[nth - 1] ?? min), (bounds[nth + 1] ?? max) - it);
    const step = readableStep(gap > 0 ? gap : Math.abs(it) || 1, 20);
    const near = rounded(it, step);
    result.push(near > (result.at(-1) ?? -Infinity) && near > min ? near : it);
  });
  return result;
}

/** Rows of the filtered set with the figure, the land, and what a table tells of them. */
export function useClassedRows(layer: Layer | null, theme: ThemeView | null) {
  const view = useView();
  const mu = layer ? muField(layer) : null;
  const fields = useMemo(
    () => [...new Set([...(theme ? [theme.field] : []), ...(mu ? [mu] : [])])],
    [theme, mu],
  );
  return useRows(layer, fields, layer ? classedFilter(layer, view) : null, theme !== null);
}

const none: ReadonlyMap<number, number> = new Map();
const noRows: readonly Row[] = [];

/** The class of every row, for the map. */
export function useClassStates(
  classed: { layer: Layer; theme: ThemeView } | null,
): ReadonlyMap<number, number> {
  const rows = useClassedRows(classed?.layer ?? null, classed?.theme ?? null).data?.rows ?? noRows;
  const field = classed?.theme.field;
  const { dragged } = useDragged();
  const bounds = dragged ?? classed?.theme.bounds;
  return useMemo(
    () => (field === undefined || !bounds ? none : classesOf(rows, field, bounds)),
    [rows, field, bounds],
  );
}
