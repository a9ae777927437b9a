import type { CSSProperties } from 'react';
import type { Layer } from '../api/schema';
import { exact } from '../format';
import { useText } from '../i18n';
import { coloursOf, missingColour } from '../layers/ramps';
import { Swatch } from '../layers/Swatch';
import { rangeText } from '../layers/range-text';
import type { SideView } from '../state/url';
import { useView } from '../state/view';

/** What the colours of one of the two maps mean: the panel has the legend of one theme only. */
export function SideLegend({
  layers,
  side,
  name,
}: {
  layers: readonly Layer[];
  side: SideView;
  name: string;
}) {
  const { t, own, language } = useText();
  const { theme, hidden } = useView();
  const layer = layers.find((it) => it.id === side.layer);
  if (!layer) return null;
  const title = t('compare.legend_of', { side: name });
  // Another day is drawn by the layer's own legend, however a figure is classed now.
  const bounds = theme?.layer === layer.id && side.of.kind === 'now' ? theme.bounds : null;
  if (theme && bounds) {
    const unit = layer.fields.find((it) => it.name === theme.field)?.unit ?? null;
    const tell = (value: number) => exact(value, unit, language) ?? '';
    return (
      <ul className="side-legend" aria-label={title}>
        {coloursOf(theme.ramp, theme.classes).map((colour, nth) => (
          <li key={colour}>
            <span
              className="swatch plain"
              style={{ '--color': colour } as CSSProperties}
              aria-hidden="true"
            />
            {rangeText(bounds, nth, tell, t)}
          </li>
        ))}
        <li>
          <span
            className="swatch dots"
            style={{ '--color': missingColour } as CSSProperties}
            aria-hidden="true"
          />
          {t('theme.missing')}
        </li>
      </ul>
    );
  }
  const rows = layer.legend.filter((it, nth) => it.count !== 0 && !(hidden[layer.id] ?? []).includes(nth));
  if (rows.length === 0) return null;
  return (
    <ul className="side-legend" aria-label={title}>
      {rows.map((it) => (
        <li key={own(it.label)}>
          <Swatch row={it} />
          {own(it.label)}
        </li>
      ))}
    </ul>
  );
}
