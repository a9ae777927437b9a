import { Alert, Skeleton, Tag } from 'antd';
import { explain } from '../api/explain';
import { useParcelEvaluations } from '../api/hooks';
import type { ParcelEvaluation } from '../api/schema';
import { date, decimal } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { runPath } from '../state/url';
import { Cell, Fact, Withheld } from './figures';

/** What each run made of the parcel: verdict and why, class, yield, and the grades of those who use it. */
export function PastRuns({ parcelCode }: { parcelCode: string }) {
  const { t } = useText();
  const found = useParcelEvaluations(parcelCode);
  if (found.isPending) return <Skeleton active paragraph={{ rows: 3 }} />;
  if (found.isError) return <Alert type="error" showIcon title={explain(found.error, t)} />;
  const { evaluations, withheld } = found.data;
  if (withheld.includes('evaluations')) return <Fact name="verdict">{null}</Fact>;
  if (evaluations.length === 0) return <p className="quiet">{t('dossier.no_runs')}</p>;
  return (
    <Withheld value={withheld}>
      <div className="table-wide" role="region" aria-label={t('dossier.past_runs')} tabIndex={0}>
        <table className="table past-runs">
          <thead>
            <tr>
              <th>{t('dossier.run')}</th>
              <th>{t('dossier.verdict_of_run')}</th>
              <th>{t('dossier.class')}</th>
              <th className="figure">{t('dossier.figures.tax_wan_per_mu')}</th>
              <th className="figure">{t('dossier.far')}</th>
              <th>{t('dossier.grades')}</th>
            </tr>
          </thead>
          <tbody>
            {evaluations.map((it) => (
              <Row key={it.run_id} it={it} />
            ))}
          </tbody>
        </table>
      </div>
    </Withheld>
  );
}

function Row({ it }: { it: ParcelEvaluation }) {
  const { t, own } = useText();
  const rules = [
    it.ruleset_title ? own(it.ruleset_title) : it.ruleset,
    it.ruleset_version === null ? null : t('dossier.version_no', { version: it.ruleset_version }),
  ];
  return (
    <tr aria-current={it.shown ? 'true' : undefined}>
      <td>
        <a href={toPath(runPath(it.run_id))}>{t('dossier.run_no', { run: it.run_id })}</a>{' '}
        {t('dossier.verdict_year', { year: it.year })}
        <div className="quiet small">
          {t(`dossier.state.${it.state}`)} · {date(it.finalised_at ?? it.finished_at)}
          {it.shown && ` · ${t('dossier.shown')}`}
        </div>
      </td>
      <td>
        <Fact name="verdict">
          {it.verdict && (
            <strong className={`said ${it.verdict}`}>{t(`dossier.verdict.${it.verdict}`)}</strong>
          )}
        </Fact>
        <div className="quiet small">{it.reasons.map(own).join(t('dossier.comma'))}</div>
        <div className="quiet small">{rules.filter(Boolean).join(' · ')}</div>
      </td>
      <td data-head={t('dossier.class')}>
        <Fact name="class_label">{it.class_label && own(it.class_label)}</Fact>
      </td>
      <Cell
        name="tax_wan_per_mu"
        head={t('dossier.figures.tax_wan_per_mu')}
        text={decimal(it.tax_wan_per_mu, 2)}
      />
      <Cell name="far" head={t('dossier.far')} text={decimal(it.far, 2)} />
      <td data-head={t('dossier.grades')}>
        {it.enterprises.length === 0 ? (
          <span className="quiet">{t('dossier.no_grades')}</span>
        ) : (
          it.enterprises.map((own) => (
            <div key={own.uscc} className="small">
              {own.name ?? own.uscc} <Tag variant="filled">{own.grade ?? t('dossier.ungraded')}</Tag>
            </div>
          ))
        )}
      </td>
    </tr>
  );
}
