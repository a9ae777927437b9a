import { Alert, Select, Skeleton } from 'antd';
import type { Shown } from './address';
import { all, equals } from './cql';
import { parts, share, type Part } from './groups';
import { groupOf, themeOnMap } from './links';
import { classField, themesOf } from './subject';
import { explain } from '../api/explain';
import type { Field, Layer, LayerTree } from '../api/schema';
import { useStats, type Key } from '../api/stats';
import { barWidth, count, decimal } from '../format';
import { useText } from '../i18n';
import { Swatch } from '../layers/Swatch';
import { toPath } from '../state/base';

type Props = {
  tree: LayerTree;
  theme: Layer;
  dimension: Field;
  onTheme: (id: string) => void;
  onRows: (shown: Shown) => void;
};

/** Part of a bar that is a link; a bar is some 400 pixels wide. */
const narrowest = 0.07;

/** The classes of a theme side by side for every group: a part leads to the map, a number to its rows. */
export function ByUnit({ tree, theme, dimension, onTheme, onRows }: Props) {
  const { t, own } = useText();
  const able = themesOf(tree).filter((it) => divides(it, dimension.name));
  const classes = classField(theme) ?? '';
  const area = theme.fields.find((it) => it.unit === 'mu' && it.readable)?.name ?? '';
  const found = useStats(
    divides(theme, dimension.name)
      ? { layer: theme.id, group_by: [dimension.name, classes], measures: [{ sum: area }] }
      : null,
    { keeps: false },
  );
  const values = theme.legend.map((it) => (it.match ? it.match.values : null));
  const rows = found.data ? parts(found.data, dimension.name, classes, values, { sum: area }) : [];
  return (
    <section className="card" aria-labelledby="board-units">
      <div className="board-head">
        <h3 id="board-units">{t('board.by_unit')}</h3>
        <Select
          value={theme.id}
          onChange={onTheme}
          aria-label={t('board.theme')}
          popupMatchSelectWidth={false}
          options={able.map((it) => ({ value: it.id, label: own(it.title) }))}
        />
      </div>
      {found.isError && <Alert type="error" showIcon title={explain(found.error, t)} />}
      {found.isPending && found.fetchStatus !== 'idle' && <Skeleton active />}
      <ul className="board-legend">
        {theme.legend
          .filter((it) => it.match)
          .map((it) => (
            <li key={own(it.label)}>
              <Swatch row={it} />
              {own(it.label)}
            </li>
          ))}
      </ul>
      <ul className="units-stacks">
        {rows.map((it) => (
          <li key={String(it.key)}>
            <button
              type="button"
              className="unit number"
              onClick={() => onRows({ layer: theme.id, filter: equals(dimension.name, it.key) })}
            >
              {it.key === null ? t('board.no_value') : String(it.key)}
            </button>
            <div className="stack">{it.parts.map((part) => mark(it, part))}</div>
            <span className="quiet numbers">
              {it.parts.map((part) => (
                <button
                  key={part.index}
                  type="button"
                  className="number"
                  title={own(theme.legend[part.index]?.label ?? { zh: '', en: '' })}
                  aria-label={says(it.key, part)}
                  onClick={() => onRows({ layer: theme.id, filter: filterOf(it.key, part) })}
                >
                  <i style={{ background: theme.legend[part.index]?.color }} aria-hidden="true" />
                  {count(part.count)}
                </button>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );

  function filterOf(key: Key, part: Part): string | null {
    return all(equals(dimension.name, key), theme.legend[part.index]?.filter ?? null);
  }

  function says(key: Key, part: Part): string {
    const row = theme.legend[part.index];
    return t('board.part', {
      unit: key === null ? t('board.no_value') : String(key),
      label: row ? own(row.label) : '',
      count: count(part.count),
      mu: decimal(part.mu, 2) ?? '–',
    });
  }

  /** By land, since that is what the law and the targets count; parcels where the land is not known. */
  function mark(of: { key: Key; parts: Part[] }, part: Part) {
    const whole = of.parts.reduce((sum, it) => sum + Number(it.mu ?? 0), 0);
    const width = share(Number(part.mu ?? 0), whole);
    const style = { width: barWidth(width), background: theme.legend[part.index]?.color };
    // Too narrow to be hit: its number beneath leads on.
    if ((width ?? 0) < narrowest) return <i key={part.index} style={style} aria-hidden="true" />;
    return (
      <a
        key={part.index}
        href={toPath(themeOnMap(tree, theme, [part.index], groupOf(dimension.name, of.key)))}
        title={t('board.on_map', { what: says(of.key, part) })}
        aria-label={t('board.on_map', { what: says(of.key, part) })}
        style={style}
      />
    );
  }
}

function divides(theme: Layer, dimension: string): boolean {
  const readable = (name: string | null) => theme.fields.some((it) => it.name === name && it.readable);
  return (
    readable(dimension) &&
    readable(classField(theme)) &&
    dimension !== classField(theme) &&
    theme.fields.some((it) => it.unit === 'mu' && it.readable)
  );
}
