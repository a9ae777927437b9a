import { useMemo } from 'react';
import { Alert, Button, InputNumber, Segmented, Select, Spin, Switch } from 'antd';
import { explain } from '../api/explain';
import type { Layer } from '../api/schema';
import { Histogram } from '../chart/Histogram';
import { count, exact, unitName } from '../format';
import { useText } from '../i18n';
import { breaksMethods, type BreaksMethod } from '../state/breaks';
import type { ThemeView } from '../state/url';
import { useView } from '../state/view';
import { distributionOf, figuresOf, firstClasses } from './classes';
import { coloursOf, missingColour, ramps } from './ramps';
import { ThemeLegend } from './ThemeLegend';
import { ThemeUnits } from './ThemeUnits';
import { useClassedRows, useDistribution, useDragged } from './use-classes';
import './theme.css';

/** Classes of a figure in place of the layer's own legend. */
export function ThemeEditor({ layer }: { layer: Layer }) {
  const { t, own } = useText();
  const { theme, setClasses } = useView();
  const figures = figuresOf(layer);
  if (figures.length === 0) return null;
  const current = theme?.layer === layer.id ? theme : null;
  return (
    <div className="theme-editor">
      <div className="theme-line">
        <label htmlFor={`figure-${layer.id}`}>{t('theme.by')}</label>
        <Select
          id={`figure-${layer.id}`}
          size="small"
          value={current?.field ?? ''}
          onChange={(field) =>
            setClasses(
              field === '' ? null : { ...(current ?? firstClasses(layer, field)), field, ...again(current) },
            )
          }
          options={[
            { value: '', label: t('theme.own') },
            ...figures.map((it) => ({ value: it.name, label: own(it.title) })),
          ]}
        />
      </div>
      {current && <Classes layer={layer} theme={current} />}
    </div>
  );
}

/** Another figure has other bounds, and dragged ones mean nothing for it. */
function again(theme: ThemeView | null): Partial<ThemeView> {
  return { bounds: null, ...(theme?.method === 'manual' ? { method: 'quantile' } : {}) };
}

function Classes({ layer, theme }: { layer: Layer; theme: ThemeView }) {
  const { t, own, language } = useText();
  const { setClasses } = useView();
  const found = useDistribution(layer, theme);
  const rows = useClassedRows(layer, theme);
  const { dragged, drag } = useDragged();
  const field = layer.fields.find((it) => it.name === theme.field);
  const label = field ? own(field.title) : theme.field;
  const unit = field?.unit ?? null;
  const tell = (value: number) => exact(value, unit, language) ?? '';
  const bounds = dragged ?? theme.bounds ?? [];
  const colours = coloursOf(theme.ramp, theme.classes);
  const name = theme.ramp.replace(/-r$/, '');
  const isReversed = theme.ramp.endsWith('-r');
  const change = (it: Partial<ThemeView>) => setClasses({ ...theme, ...it });
  const spread = useMemo(
    () => (rows.data && !rows.data.isCut ? distributionOf(rows.data.rows, theme.field) : null),
    [rows.data, theme.field],
  );
  // Of more rows than the browser holds the server's classes of equal width.
  const counts = spread?.counts ?? found.data?.histogram;
  return (
    <>
      <div className="theme-line">
        <Segmented<BreaksMethod>
          size="small"
          aria-label={t('theme.method')}
          value={theme.method}
          options={breaksMethods.map((value) => ({
            value,
            label: t(`theme.methods.${value}`),
            disabled: value === 'manual' && theme.bounds === null,
          }))}
          onChange={(method) => change({ method, ...(method === 'manual' ? {} : { bounds: null }) })}
        />
        <InputNumber
          size="small"
          min={3}
          max={7}
          precision={0}
          value={theme.classes}
          suffix={t('theme.classes')}
          aria-label={t('theme.class_count')}
          disabled={theme.method === 'manual'}
          onChange={(classes) => classes !== null && change({ classes, bounds: null })}
        />
      </div>
      <div className="theme-line">
        <Select
          size="small"
          className="ramp-select"
          aria-label={t('theme.ramp')}
          value={name}
          onChange={(ramp) => change({ ramp: isReversed ? `${ramp}-r` : ramp })}
          options={Object.keys(ramps).map((value) => ({
            value,
            label: <Ramp colours={coloursOf(value, theme.classes)} title={t(`theme.ramps.${value}`)} />,
          }))}
        />
        <Switch
          size="small"
          checked={isReversed}
          aria-label={t('theme.reverse')}
          onChange={(to) => change({ ramp: to ? `${name}-r` : name })}
        />
        <span className="quiet">{t(isReversed ? 'theme.lighter_more' : 'theme.darker_more')}</span>
      </div>
      <ThemeUnits layer={layer} theme={theme} />
      {found.isError && (
        <Alert
          type="error"
          showIcon
          title={t('theme.failed')}
          description={explain(found.error, t)}
          action={<Button onClick={() => void found.refetch()}>{t('error.retry')}</Button>}
        />
      )}
      {found.isPending && <Spin size="small" />}
      {counts && !found.isError && (
        <Histogram
          label={label}
          counts={counts}
          handles={bounds}
          colours={colours}
          missingColour={missingColour}
          tell={tell}
          bend={spread?.bend ?? 0}
          onMove={drag}
          onChange={(handles) => {
            drag(null);
            change({ method: 'manual', bounds: handles });
          }}
        />
      )}
      <ThemeLegend
        layer={layer}
        theme={theme}
        bounds={bounds}
        colours={colours}
        tell={(value) => exact(value, null, language) ?? ''}
        unit={unit ? unitName(unit, language) : ''}
        rows={rows.data}
      />
      {rows.data?.isCut && (
        <p className="quiet small">{t('theme.cut', { count: count(rows.data.rows.length) })}</p>
      )}
      {field?.within_units && <p className="quiet small">{t('theme.own_units')}</p>}
    </>
  );
}

function Ramp({ colours, title }: { colours: readonly string[]; title: string }) {
  return (
    <span className="ramp" title={title}>
      {colours.map((it) => (
        <span key={it} style={{ background: it }} />
      ))}
      <span className="unseen">{title}</span>
    </span>
  );
}
