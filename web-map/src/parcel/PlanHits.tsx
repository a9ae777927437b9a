import type { Dossier } from '../api/schema';
import { decimal, percent } from '../format';
import { useText } from '../i18n';
import { Cell } from './figures';

export function PlanHits({ dossier }: { dossier: Dossier }) {
  const { t, own } = useText();
  if (dossier.plan.length === 0) return <p className="quiet">{t('dossier.no_plan')}</p>;
  return (
    <table className="table">
      <thead>
        <tr>
          <th>{t('dossier.plan_name')}</th>
          <th className="figure">{t('dossier.share')}</th>
          <th className="figure">{t('dossier.plan_area')} m²</th>
        </tr>
      </thead>
      <tbody>
        {dossier.plan.map((it, index) => (
          <tr key={index}>
            <td>
              {own(it.title)}
              <div className="quiet small">{[it.name, it.code].filter(Boolean).join(' · ')}</div>
            </td>
            <Cell name="share" text={percent(it.share)} />
            <Cell name="area_m2" text={decimal(it.area_m2, 0)} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}
