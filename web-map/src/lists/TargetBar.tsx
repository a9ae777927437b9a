import { useStandings, type List } from '../api/lists';
import { barWidth, decimal } from '../format';
import { useText } from '../i18n';
import { distance } from './target';

type Props = { list: Pick<List, 'year' | 'responsible_unit' | 'area_mu' | 'counted_mu'> };

/** The list's land against the year's target of its unit, or of all units; what counts already is the darker part. */
export function TargetBar({ list }: Props) {
  const { t } = useText();
  const standings = useStandings({ period: String(list.year), kind: 'mu', asOf: null });
  if (!standings.data) return <span className="quiet">{standings.isPending ? '' : '–'}</span>;
  const found = distance(list, standings.data);
  if (!found) return <span className="quiet">{t('lists.no_target')}</span>;
  const text = found.isShort
    ? t('lists.short', { mu: decimal(found.gap, 2, true) })
    : t('lists.reached', { mu: decimal(found.gap, 2, true) });
  return (
    <div className="target-bar">
      <div
        className="target-track"
        role="img"
        aria-label={t('lists.target_says', {
          listed: decimal(list.area_mu, 2),
          counted: decimal(list.counted_mu, 2),
          target: decimal(found.target, 2),
        })}
      >
        <i className="listed" style={{ width: barWidth(found.listed) }} />
        <i className="counted" style={{ width: barWidth(found.counted) }} />
      </div>
      <span className={found.isShort ? 'short' : 'reached'}>{text}</span>
      <span className="quiet">/ {decimal(found.target, 2, true)}</span>
    </div>
  );
}
