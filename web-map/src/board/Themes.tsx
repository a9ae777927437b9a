import type { Shown } from './address';
import { share } from './groups';
import { themeOnMap } from './links';
import { lockedThemes, themesOf } from './subject';
import type { Layer, LayerTree } from '../api/schema';
import { barWidth, count, decimal, percent } from '../format';
import { useText } from '../i18n';
import { Swatch } from '../layers/Swatch';
import { toPath } from '../state/base';

type Props = { tree: LayerTree; onRows: (shown: Shown) => void };

/** How the land divides by each theme: a class leads to the map with that class alone, a number to its rows. */
export function Themes({ tree, onRows }: Props) {
  const { t, own } = useText();
  const locked = lockedThemes(tree);
  return (
    <>
      <div className="board-themes">
        {themesOf(tree).map((it) => (
          <section key={it.id} className="card" aria-labelledby={`theme-${it.id}`}>
            <h3 id={`theme-${it.id}`}>
              <a href={toPath(themeOnMap(tree, it))}>{own(it.title)}</a>
            </h3>
            <Classes tree={tree} theme={it} onRows={onRows} />
          </section>
        ))}
      </div>
      {locked.length > 0 && (
        <p className="quiet board-note">
          {t('board.locked_themes', {
            themes: locked.map((it) => own(it.title)).join(t('board.comma')),
          })}
        </p>
      )}
    </>
  );
}

function Classes({ tree, theme, onRows }: { tree: LayerTree; theme: Layer; onRows: (shown: Shown) => void }) {
  const { t, own } = useText();
  // A class may lie across others (land that straddles): only those that divide the land make up the bar.
  const rows = theme.legend.map((row, index) => ({ row, index }));
  const dividing = rows.filter(({ row }) => row.match);
  const mu = dividing.reduce((all, { row }) => all + Number(row.area_mu ?? 0), 0);
  return (
    <>
      <div className="stack" aria-hidden="true">
        {dividing.map(({ row, index }) => (
          <i
            key={index}
            style={{ width: barWidth(share(Number(row.area_mu ?? 0), mu)), background: row.color }}
          />
        ))}
      </div>
      <table className="classes">
        <thead>
          <tr>
            <th>{t('board.class')}</th>
            <th>{t('panel.count')}</th>
            <th>{t('dossier.mu')}</th>
            <th>{t('board.share')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ row, index }) => (
            <tr key={index}>
              <th scope="row">
                <Swatch row={row} />
                {row.match ? (
                  <a
                    href={toPath(themeOnMap(tree, theme, [index]))}
                    title={t('board.class_on_map', { label: own(row.label) })}
                  >
                    {own(row.label)}
                  </a>
                ) : (
                  own(row.label)
                )}
              </th>
              <td>
                {row.count === null ? (
                  '–'
                ) : (
                  <button
                    type="button"
                    className="number"
                    disabled={row.count === 0 || row.filter === null}
                    onClick={() => onRows({ layer: theme.id, filter: row.filter })}
                  >
                    {count(row.count)}
                  </button>
                )}
              </td>
              <td>{decimal(row.area_mu, 2) ?? '–'}</td>
              <td>{row.match ? (percent(share(Number(row.area_mu ?? 0), mu)) ?? '–') : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
