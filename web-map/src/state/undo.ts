// Undo of what was done to the view: layers, filters, themes, selections, comparisons. The open parcel is left to the
// browser's Back, and the camera to whoever moves it.
import { create } from 'zustand';
import type { ViewState } from './url';
import { useView } from './view';

type Step = Required<Pick<ViewState, 'layers' | 'hidden' | 'theme' | 'chosen' | 'compare' | 'where'>>;
type UndoStore = { past: number; future: number };

/** For the buttons: how many steps there are. */
export const useUndo = create<UndoStore>()(() => ({ past: 0, future: 0 }));

/** Changes that follow each other this closely (a drag of a slider) are one step; a selection is an act of its own, however
    soon it comes. */
const together = 600;
const most = 200;

const stepOf = ({ layers, hidden, theme, chosen, compare, where }: Step): Step => ({
  layers,
  hidden,
  theme,
  chosen,
  compare,
  where,
});
const differs = (a: Step, b: Step) =>
  a.layers !== b.layers ||
  a.hidden !== b.hidden ||
  a.theme !== b.theme ||
  a.chosen !== b.chosen ||
  a.compare !== b.compare ||
  a.where !== b.where;

/** Bounds that the server found for a theme are no act of anybody's. */
const isAnswer = (now: Step, before: Step) =>
  before.theme?.bounds === null &&
  now.theme !== null &&
  now.theme.bounds !== null &&
  now.layers === before.layers &&
  now.chosen === before.chosen &&
  now.where === before.where;

let past: Step[] = [];
let future: Step[] = [];
let last = 0;
let isOwn = false;

const tell = () => useUndo.setState({ past: past.length, future: future.length });

/** Takes note of each change of the view; returns the undo of that. */
export function followView(): () => void {
  past = [];
  future = [];
  tell();
  return useView.subscribe((now, before) => {
    if (isOwn || !differs(now, before) || isAnswer(now, before)) return;
    const at = Date.now();
    const isNew = at - last > together || now.chosen !== before.chosen || past.length === 0;
    if (isNew) past = [...past, stepOf(before)].slice(-most);
    last = at;
    future = [];
    tell();
  });
}

export function undo(): void {
  const step = past.at(-1);
  if (!step) return;
  future = [...future, stepOf(useView.getState())];
  past = past.slice(0, -1);
  set(step);
}

export function redo(): void {
  const step = future.at(-1);
  if (!step) return;
  past = [...past, stepOf(useView.getState())];
  future = future.slice(0, -1);
  set(step);
}

function set(step: Step): void {
  isOwn = true;
  useView.setState(step);
  isOwn = false;
  last = 0;
  tell();
}

/** Ctrl+Z and Ctrl+Shift+Z (or Ctrl+Y), but not where text is written: that has its own. */
export function undoKeys(): () => void {
  const key = (event: KeyboardEvent) => {
    const writes =
      event.target instanceof Element && event.target.closest('input, textarea, [contenteditable]');
    if (writes || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const letter = event.key.toLowerCase();
    if (letter !== 'z' && letter !== 'y') return;
    event.preventDefault();
    if (letter === 'y' || event.shiftKey) redo();
    else undo();
  };
  addEventListener('keydown', key);
  return () => removeEventListener('keydown', key);
}
