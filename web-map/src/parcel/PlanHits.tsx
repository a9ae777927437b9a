import type { Dossier } from '../api/schema';
import { date, decimal, muOf, percent } from '../format';
import { useText } from '../i18n';
import { writePlanning } from '../planning/address';
import { toPath } from '../state/base';
import { planningPage } from '../state/url';
import { Cell } from './figures';

/** The plan polygons and control lines that the parcel lies in, each with its version. */
export function PlanHits({ dossier }: { dossier: Dossier }) {
  const { t, own } = useText();
  const question = writePlanning({ tab: 'conform', code: dossier.parcel_code });
  const check = (
    <p className="plan-check">
      <a href={toPath(`${planningPage}${question}`)}>{t('dossier.check_conformity')}</a>
    </p>
  );
  if (dossier.plan.length === 0) {
    return (
      <>
        <p className="quiet">{t('dossier.no_plan')}</p>
        {check}
      </>
    );
  }
  return (
    <>
      <table className="table">
        <thead>
          <tr>
            <th>{t('dossier.plan_name')}</th>
            <th className="figure">{t('dossier.share')}</th>
            <th className="figure">{t('dossier.plan_area')} m²</th>
            <th className="figure">{t('dossier.mu')}</th>
          </tr>
        </thead>
        <tbody>
          {dossier.plan.map((it, index) => (
            <tr key={index}>
              <td>
                {own(it.title)}
                <div className="quiet small">{[it.name, it.code].filter(Boolean).join(' · ')}</div>
                <div className="quiet small">
                  {[
                    it.approval_no,
                    it.approved_on && t('dossier.approved_on', { date: it.approved_on }),
                    it.revision !== null &&
                      t('dossier.plan_version', { revision: it.revision, date: date(it.updated_at) }),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </div>
              </td>
              <Cell name="share" text={percent(it.share)} />
              <Cell name="area_m2" text={decimal(it.area_m2, 0)} />
              <Cell name="area_m2" text={decimal(muOf(it.area_m2), 2)} />
            </tr>
          ))}
        </tbody>
      </table>
      {check}
    </>
  );
}
