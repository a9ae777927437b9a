// The shareable state, kept equal to the address bar: opening or closing a parcel is a step that Back
// undoes, everything else rewrites the current address.
import { create } from 'zustand';
import type { Layer } from '../api/schema';
import { readView, roundOpacity, writeView, type ViewState } from './url';

type ViewActions = {
  select: (parcelCode: string | null) => void;
  setLayer: (layer: Layer, change: { visible?: boolean; opacity?: number }) => void;
  setTheme: (themes: Layer[], chosen: string | null) => void;
  setRowHidden: (layerId: string, row: number, hidden: boolean) => void;
};

export const useView = create<ViewState & ViewActions>()((set) => ({
  ...readView(location.search),
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
      return { hidden: { ...view.hidden, [layerId]: rows } };
    }),
}));

/** Connects the store to the address bar; returns the undo. */
export function followAddress(): () => void {
  const back = () => {
    useView.setState(readView(location.search));
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
