import { Select } from 'antd';
import { equals } from './cql';
import type { Shown } from './address';
import { rank, type Ranked } from './groups';
import { groupOf, themeOnMap } from './links';
import type { Indicator, Subject } from './subject';
import type { Field, LayerTree } from '../api/schema';
import type { Stats } from '../api/stats';
import { barWidth, count, quantity } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';

type Props = {
  tree: LayerTree;
  subject: Subject;
  dimension: Field;
  answer: Stats;
  indicator: Indicator;
  onIndicator: (key: string) => void;
  onRows: (shown: Shown) => void;
};

/** Who leads by an indicator. A name and its number lead to its rows. */
export function Ranking({ tree, subject, dimension, answer, indicator, onIndicator, onRows }: Props) {
  const { t, own, language } = useText();
  // A bar leads to the map: by the figure's own layer where that is a theme.
  const shown = subject.layer;
  const rows = rank(answer, dimension.name, indicator.measure);
  const most = Math.max(0, ...rows.map((it) => Math.abs(Number(it.value ?? 0))));
  const value = (it: Ranked) =>
    quantity(it.value, indicator.unit, language) ?? (it.withheld ? t('board.withheld') : t('board.unknown'));
  return (
    <section className="card board-ranking" aria-labelledby="board-ranking">
      <div className="board-head">
        <h3 id="board-ranking">{t('board.ranking')}</h3>
        <Select
          value={indicator.key}
          onChange={onIndicator}
          aria-label={t('board.indicator')}
          popupMatchSelectWidth={false}
          options={subject.indicators.map((it) => ({ value: it.key, label: own(it.title) }))}
        />
      </div>
      <table className="ranking">
        <thead>
          <tr>
            <th>{t('targets.rank')}</th>
            <th>{own(dimension.title)}</th>
            <th aria-hidden="true" />
            <th>{own(indicator.title)}</th>
            <th>{t('board.rows_short')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((it) => {
            const filter = equals(dimension.name, it.key);
            const open = () => onRows({ layer: subject.layer.id, filter });
            const name = it.key === null ? t('board.no_value') : String(it.key);
            return (
              <tr key={name}>
                <td>{it.rank ?? '–'}</td>
                <th scope="row">
                  <button type="button" className="number" onClick={open}>
                    {name}
                  </button>
                </th>
                <td className="bar-cell">
                  <a
                    href={toPath(themeOnMap(tree, shown, undefined, groupOf(dimension.name, it.key)))}
                    title={t('board.on_map', { what: name })}
                    aria-label={t('board.on_map', { what: name })}
                  >
                    <i style={{ width: barWidth(most > 0 ? Math.abs(Number(it.value ?? 0)) / most : 0) }} />
                  </a>
                </td>
                <td>
                  <button type="button" className="number" onClick={open}>
                    {value(it)}
                  </button>
                  {it.missing > 0 && (
                    <span className="quiet"> {t('board.missing_of', { count: it.missing })}</span>
                  )}
                </td>
                <td>
                  <button type="button" className="number" onClick={open}>
                    {count(it.count)}
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {rows.some((it) => it.withheld) && <p className="quiet board-note">{t('board.withheld_why')}</p>}
    </section>
  );
}
