import type { Clause, ConformityItem, Plan } from '../api/planning';
import { date, decimal } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { dossierPath } from '../state/url';
import { Outcome } from './Outcome';

/** One piece of land, clause by clause. */
export function ConformityCard({ item, plans }: { item: ConformityItem; plans: Plan[] }) {
  const { t, own } = useText();
  const { use, far, path } = item.proposed;
  const planOf = (clause: Clause) => plans.find((it) => it.layer === clause.layer);
  return (
    <section className="card conformity-card">
      <div className="conformity-head">
        <h3>
          {item.parcel_code ? (
            <a href={toPath(dossierPath(item.parcel_code))}>{item.name ?? item.parcel_code}</a>
          ) : (
            t('planning.drawn')
          )}
        </h3>
        <Outcome of={item.outcome} />
      </div>
      <p className="quiet">
        {[
          item.parcel_code,
          item.responsible_unit,
          t('planning.mu', { mu: decimal(item.area_mu, 2) }),
          t('planning.held_with', {
            use: use ?? t('planning.none'),
            far: decimal(far, 2, true) ?? t('planning.none'),
            path: path ?? t('planning.none'),
          }),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <table className="clauses">
        <thead>
          <tr>
            <th>{t('planning.clause')}</th>
            <th>{t('planning.outcome_label')}</th>
            <th>{t('planning.finding')}</th>
            <th>{t('planning.plan')}</th>
          </tr>
        </thead>
        <tbody>
          {item.clauses.map((it) => (
            <tr key={`${it.clause}-${it.layer}`}>
              <td>{own(it.basis)}</td>
              <td>
                <Outcome of={it.outcome} />
              </td>
              <td>{own(it.finding)}</td>
              <td className="quiet">
                <PlanVersion of={planOf(it)} clause={it} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {item.withheld.length > 0 && <p className="quiet">{t('planning.withheld')}</p>}
    </section>
  );
}

function PlanVersion({ of, clause }: { of: Plan | undefined; clause: Clause }) {
  const { t, own } = useText();
  if (!of) return <>{clause.layer}</>;
  const number = clause.hits.find((it) => it.approval_no)?.approval_no;
  return (
    <>
      {own(of.title)}
      <br />
      {of.state === 'read'
        ? t('planning.version', { revision: of.revision, date: date(of.updated_at) ?? '–' })
        : t(`planning.state.${of.state}`)}
      {number && (
        <>
          <br />
          {number}
        </>
      )}
    </>
  );
}
