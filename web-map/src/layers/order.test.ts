import { expect, it } from 'vitest';
import { emptyView } from '../state/url';
import { activeTheme, anyTicked, layerView, tickedFilter } from './order';
import { sampleLayer, sampleLayers, theme } from './sample';

const shown = (visible: boolean) => ({ visible, opacity: 1 });

it('shows one theme at most, also when a link asks for several', () => {
  expect(activeTheme(sampleLayers, emptyView)?.id).toBe('theme_one');
  const two = { ...emptyView, layers: { theme_two: shown(true) } };
  expect(activeTheme(sampleLayers, two)?.id).toBe('theme_two');
  const none = { ...emptyView, layers: { theme_one: shown(false) } };
  expect(activeTheme(sampleLayers, none)).toBeNull();
  const both = { ...emptyView, layers: { theme_one: shown(true), theme_two: shown(true) } };
  expect(
    sampleLayers.filter((it) => it.role === 'theme' && layerView(sampleLayers, it, both).visible),
  ).toEqual([theme]);
});

it('never shows a layer that may not be read', () => {
  const secret = sampleLayer('secret', { readable: false });
  const view = { ...emptyView, layers: { secret: shown(true) } };
  expect(layerView([secret], secret, view).visible).toBe(false);
});

it('joins the ticked rows for a download', () => {
  expect(tickedFilter(theme, emptyView)).toBeNull();
  const one = { ...emptyView, hidden: { theme_one: [1] } };
  expect(tickedFilter(theme, one)).toBe("(kind = 'x') OR (kind = 'z')");
  expect(anyTicked(theme, one)).toBe(true);
  expect(anyTicked(theme, { ...emptyView, hidden: { theme_one: [0, 1, 2] } })).toBe(false);
});
