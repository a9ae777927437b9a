import { useMemo, type CSSProperties } from 'react';
import type { Layer } from '../api/schema';
import { count, decimal } from '../format';
import { useText } from '../i18n';
import type { ThemeView } from '../state/url';
import { classesOf, muField, sumsOf } from './classes';
import { missingColour } from './ramps';
import { rangeText } from './range-text';
import type { useClassedRows } from './use-classes';

type Props = {
  layer: Layer;
  theme: ThemeView;
  bounds: readonly number[];
  colours: readonly string[];
  /** A bound without its unit, which stands in the head. */
  tell: (value: number) => string;
  unit: string;
  rows: ReturnType<typeof useClassedRows>['data'];
};

/** Class, count, mu; rows without a value are a class of their own. */
export function ThemeLegend({ layer, theme, bounds, colours, tell, unit, rows }: Props) {
  const { t } = useText();
  const mu = muField(layer);
  const sums = useMemo(() => {
    const all = rows?.rows ?? [];
    return sumsOf(all, classesOf(all, theme.field, bounds), mu, bounds.length + 1);
  }, [rows, theme.field, bounds, mu]);
  if (!rows || theme.bounds === null) return null;
  const labels = sums.map((_, nth) => {
    if (nth === sums.length - 1) return t('theme.missing');
    return rangeText(bounds, nth, tell, t);
  });
  return (
    <ul className="legend theme-legend" aria-label={t('theme.legend')}>
      <li className="legend-head" aria-hidden="true">
        <span className="legend-text">{unit}</span>
        <span className="figure">{t('panel.count')}</span>
        <span className="figure area">{t('dossier.mu')}</span>
      </li>
      {sums.map((it, nth) => (
        <li key={nth}>
          <span className="legend-label">
            <span
              className={`swatch ${nth === sums.length - 1 ? 'dots' : 'plain'}`}
              style={{ '--color': nth === sums.length - 1 ? missingColour : colours[nth] } as CSSProperties}
              aria-hidden="true"
            />
            <span className="legend-text">{labels[nth]}</span>
          </span>
          <span className="figure">{count(it.rows)}</span>
          <span className="figure area">{decimal(it.mu, 2)}</span>
        </li>
      ))}
    </ul>
  );
}
