import type { Counts } from '../api/stats';
import { count } from '../format';
import { useText } from '../i18n';
import { barsOf } from './axis';

type Props = { label: string; counts: Counts; tell: (value: number) => string };

/** What a histogram shows, as a table for those who do not see it. */
export function InWords({ label, counts, tell }: Props) {
  const { t } = useText();
  return (
    <table className="unseen">
      <caption>{t('chart.label', { label })}</caption>
      <thead>
        <tr>
          <th scope="col">{t('chart.from')}</th>
          <th scope="col">{t('chart.to')}</th>
          <th scope="col">{t('chart.rows')}</th>
        </tr>
      </thead>
      <tbody>
        {barsOf(counts)
          .filter((it) => it.count > 0)
          .map((it) => (
            <tr key={it.from}>
              <td>{tell(it.from)}</td>
              <td>{tell(it.to)}</td>
              <td>{count(it.count)}</td>
            </tr>
          ))}
        <tr>
          <th scope="row" colSpan={2}>
            {t('chart.missing')}
          </th>
          <td>{count(counts.missing)}</td>
        </tr>
      </tbody>
    </table>
  );
}
