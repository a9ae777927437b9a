import type { Dossier } from '../api/schema';
import { useText } from '../i18n';
import { Fact } from './figures';

/** The verdict and the rules that led to it, above everything else; `whole` as the sentence that can be checked. */
export function VerdictBanner({ dossier, whole = false }: { dossier: Dossier; whole?: boolean }) {
  const { t, own } = useText();
  const verdict = dossier.verdict;
  if (dossier.withheld.includes('verdict')) {
    return (
      <div className="verdict none" data-verdict="withheld">
        <strong>{t('dossier.verdict.withheld')}</strong>
        <Fact name="verdict">{null}</Fact>
      </div>
    );
  }
  const value = verdict?.value ?? 'none';
  const titles = (verdict?.reasons ?? []).map((reason) => {
    const rule = verdict?.evidence.find((it) => it.rule === reason);
    return rule ? own(rule.title) : reason;
  });
  const why =
    titles.length > 0
      ? titles.join(t('dossier.comma'))
      : value === 'low'
        ? null
        : t(`dossier.verdict_help.${value}`);
  return (
    <div className={`verdict ${value}`} data-verdict={value}>
      <div>
        <strong>{t(`dossier.verdict.${value}`)}</strong>
        {verdict && <span className="quiet">{t('dossier.verdict_year', { year: verdict.year })}</span>}
      </div>
      {whole && verdict ? (
        <p className="verdict-sentence">{own(verdict.sentence)}</p>
      ) : (
        why && (
          <span className="why" title={why}>
            {why}
          </span>
        )
      )}
    </div>
  );
}
