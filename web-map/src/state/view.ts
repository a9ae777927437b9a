// The shareable state, kept equal to the address bar: opening or closing a parcel is a step that Back
// undoes, everything else rewrites the current address.
import { create } from 'zustand';
import type { Layer } from '../api/schema';
import { readView, roundOpacity, writeView, type CompareView, type ThemeView, type ViewState } from './url';
import type { Where } from './where';

type ViewActions = {
  select: (parcelCode: string | null) => void;
  setLayer: (layer: Layer, change: { visible?: boolean; opacity?: number }) => void;
  setTheme: (themes: Layer[], chosen: string | null) => void;
  setRowHidden: (layerId: string, row: number, hidden: boolean) => void;
  setClasses: (theme: ThemeView | null) => void;
  setChosen: (codes: readonly string[]) => void;
  setCompare: (compare: CompareView | null) => void;
  setWhere: (where: Where) => void;
};

type View = Required<ViewState>;

/** Members that a link leaves out are set, too: going back must take away what was there. */
const nothing = { theme: null, chosen: [], compare: null, where: [] };
const readAll = (search: string): View => ({ ...nothing, ...readView(search) });

export const useView = create<View & ViewActions>()((set) => ({
  ...readAll(location.search),
  select: (sel) => set({ sel }),
  setLayer: (layer, change) =>
    set((view) => {
      const before = view.layers[layer.id] ?? { visible: layer.visible, opacity: 1 };
      const opacity = roundOpacity(change.opacity ?? before.opacity);
      return {
        layers: { ...view.layers, [layer.id]: { visible: change.visible ?? before.visible, opacity } },
      };
    }),
  setTheme: (themes, chosen) =>
    set((view) => {
      const layers = { ...view.layers };
      for (const it of themes) {
        layers[it.id] = { visible: it.id === chosen, opacity: view.layers[it.id]?.opacity ?? 1 };
      }
      return { layers };
    }),
  setRowHidden: (layerId, row, hidden) =>
    set((view) => {
      const others = (view.hidden[layerId] ?? []).filter((it) => it !== row);
      const rows = hidden ? [...others, row].sort((a, b) => a - b) : others;
      // The classes are of the rows that are ticked: other rows, other bounds.
      const { theme } = view;
      const stale = theme !== null && theme.layer === layerId && theme.method !== 'manual';
      return {
        hidden: { ...view.hidden, [layerId]: rows },
        ...(stale ? { theme: { ...theme, bounds: null } } : {}),
      };
    }),
  setClasses: (theme) => set({ theme }),
  setChosen: (chosen) => set({ chosen }),
  setCompare: (compare) => set({ compare }),
  // Classes are of the rows that are left: other rows, other bounds.
  setWhere: (where) =>
    set(({ theme }) => ({
      where,
      ...(theme && theme.method !== 'manual' ? { theme: { ...theme, bounds: null } } : {}),
    })),
}));

/** Connects the store to the address bar; returns the undo. */
export function followAddress(): () => void {
  const back = () => {
    useView.setState(readAll(location.search));
    // Browsers announce no change of the hash when the rest of the address changed too; the camera
    // listens for it.
    dispatchEvent(new Event('hashchange'));
  };
  let pending: ReturnType<typeof setTimeout> | undefined;
  const write = (push: boolean) => {
    clearTimeout(pending);
    const address = `${location.pathname}${writeView(useView.getState())}${location.hash}`;
    if (push) history.pushState(null, '', address);
    else history.replaceState(null, '', address);
  };
  const stop = useView.subscribe((now, before) => {
    if (writeView(now) === location.search) return;
    clearTimeout(pending);
    // Browsers refuse more than some 200 rewrites in 30 s, which one drag of a slider would pass.
    if (now.sel !== before.sel) write(true);
    else pending = setTimeout(() => write(false), 200);
  });
  addEventListener('popstate', back);
  return () => {
    clearTimeout(pending);
    stop();
    removeEventListener('popstate', back);
  };
}
