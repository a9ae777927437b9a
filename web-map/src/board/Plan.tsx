import { Alert, Skeleton } from 'antd';
import { explain } from '../api/explain';
import { useLists, useStandings } from '../api/lists';
import { barWidth, decimal, percent } from '../format';
import { useText } from '../i18n';
import { TargetBar } from '../lists/TargetBar';
import { toPath } from '../state/base';
import { listPath, listsPage, targetsPage } from '../state/url';

/** Lists on the page; the register has them all. */
const most = 5;

/** What is to be achieved this year, and what the lists hold of it. */
export function Plan() {
  const { t } = useText();
  const year = String(new Date().getFullYear());
  const standings = useStandings({ period: year, kind: 'mu', asOf: null });
  const lists = useLists();
  const total = standings.data?.total;
  const page = lists.data?.pages[0]?.lists ?? [];
  return (
    <section className="card" aria-labelledby="board-plan">
      <div className="board-head">
        <h3 id="board-plan">{t('board.plan')}</h3>
        <span className="spring" />
        <a href={toPath(targetsPage)}>{t('board.to_targets')}</a>
        <a href={toPath(listsPage)}>{t('board.to_lists')}</a>
      </div>
      {standings.isError && <Alert type="error" showIcon title={explain(standings.error, t)} />}
      {standings.isPending && <Skeleton active paragraph={{ rows: 2 }} />}
      {standings.data && standings.data.rows.length > 0 && (
        <table className="ranking">
          <thead>
            <tr>
              <th>{t('targets.rank')}</th>
              <th>{t('targets.unit')}</th>
              <th aria-hidden="true" />
              <th>{t('targets.rate')}</th>
              <th>{t('board.counted_of')}</th>
            </tr>
          </thead>
          <tbody>
            {standings.data.rows.map((it) => (
              <tr key={it.unit ?? ''}>
                <td>{it.rank ?? '–'}</td>
                <th scope="row">{it.unit ?? t('targets.no_unit')}</th>
                <td className="bar-cell" aria-hidden="true">
                  <i className={it.light} style={{ width: barWidth(it.rate) }} />
                </td>
                <td>
                  <span className={`light ${it.light}`}>
                    <i aria-hidden="true" />
                    {percent(it.rate) ?? t(`targets.light_of.${it.light}`)}
                  </span>
                </td>
                <td>
                  <a href={toPath(`${targetsPage}?period=${year}&kind=mu`)}>
                    {decimal(it.counted, 2)} / {decimal(it.target, 2) ?? '–'}
                  </a>
                </td>
              </tr>
            ))}
          </tbody>
          {total && (
            <tfoot>
              <tr>
                <td />
                <th scope="row">{t('targets.district')}</th>
                <td className="bar-cell" aria-hidden="true">
                  <i className={total.light} style={{ width: barWidth(total.rate) }} />
                </td>
                <td>{percent(total.rate) ?? '–'}</td>
                <td>
                  {decimal(total.counted, 2)} / {decimal(total.target, 2) ?? '–'}
                </td>
              </tr>
            </tfoot>
          )}
        </table>
      )}
      {standings.data?.rows.length === 0 && <p className="quiet">{t('targets.none')}</p>}
      <ul className="board-lists">
        {page.slice(0, most).map((it) => (
          <li key={it.list_id}>
            <a href={toPath(listPath(it.list_id))}>{it.name}</a>
            <span className="quiet">
              {t('board.list_says', { count: it.case_count, mu: decimal(it.area_mu, 2) })}
            </span>
            <TargetBar list={it} />
          </li>
        ))}
      </ul>
      {lists.data && page.length === 0 && <p className="quiet">{t('lists.none')}</p>}
    </section>
  );
}
