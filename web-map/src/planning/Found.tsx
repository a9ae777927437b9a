import { Alert } from 'antd';
import type { Conformity, Outcome as Name } from '../api/planning';
import { useText } from '../i18n';
import { ConformityCard } from './ConformityCard';
import { Outcome } from './Outcome';

const order: readonly Name[] = ['fail', 'needs_plan_change', 'unknown', 'pass'];

/** What was found of parcels or of a shape, how many of each outcome first. */
export function Found({ of }: { of: Conformity }) {
  const { t, list } = useText();
  const counts = order.map((name) => [name, of.items.filter((it) => it.outcome === name).length] as const);
  return (
    <>
      {of.items.length > 1 && (
        <p className="outcome-counts">
          {counts
            .filter(([, count]) => count > 0)
            .map(([name, count]) => (
              <span key={name}>
                <Outcome of={name} /> {t('planning.count_parcels', { count })}
              </span>
            ))}
        </p>
      )}
      {of.not_found.length > 0 && (
        <Alert
          className="failure"
          type="warning"
          showIcon
          title={t('planning.not_found', { codes: list(of.not_found) })}
        />
      )}
      {of.items.map((it) => (
        <ConformityCard key={it.parcel_code ?? ''} item={it} plans={of.plans} />
      ))}
    </>
  );
}
