import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followView, redo, undo, useUndo } from './undo';
import { useView } from './view';

// The view reads its address when it is made.
vi.hoisted(() => vi.stubGlobal('location', { search: '' }));

let unfollow = () => {};

beforeEach(() => {
  vi.useFakeTimers();
  useView.setState({ chosen: [] });
  unfollow = followView();
});
afterEach(() => {
  unfollow();
  vi.useRealTimers();
});

test('selections that follow each other at once are undone one by one', () => {
  for (const chosen of [['a'], ['b', 'c'], []]) useView.setState({ chosen });
  expect(useUndo.getState().past).toBe(3);
  undo();
  expect(useView.getState().chosen).toEqual(['b', 'c']);
  undo();
  expect(useView.getState().chosen).toEqual(['a']);
  redo();
  expect(useView.getState().chosen).toEqual(['b', 'c']);
});

test('what a drag changes again and again is one step, until it rests', () => {
  const compare = (mode: string) => useView.setState({ compare: { mode } as never });
  for (const mode of ['1', '2', '3']) {
    compare(mode);
    vi.advanceTimersByTime(100);
  }
  expect(useUndo.getState().past).toBe(1);
  vi.advanceTimersByTime(1000);
  compare('4');
  expect(useUndo.getState().past).toBe(2);
});
