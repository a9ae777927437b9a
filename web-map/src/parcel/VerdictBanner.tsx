import type { Dossier } from '../api/schema';
import { useText } from '../i18n';
import { Fact } from './figures';

/** The verdict and the rules that led to it, above everything else. */
export function VerdictBanner({ dossier }: { dossier: Dossier }) {
  const { t, own } = useText();
  const verdict = dossier.verdict;
  const value = verdict?.value ?? 'none';
  const titles = (verdict?.reasons ?? []).map((reason) => {
    const rule = verdict?.evidence.find((it) => it.rule === reason);
    return rule ? own(rule.title) : reason;
  });
  if (dossier.withheld.includes('verdict')) {
    return (
      <div className="verdict none" data-verdict="withheld">
        <strong>{t('dossier.tab.evidence')}</strong>
        <Fact name="verdict">{null}</Fact>
      </div>
    );
  }
  const help = value === 'low' ? null : t(`dossier.verdict_help.${value}`);
  return (
    <div className={`verdict ${value}`} data-verdict={value}>
      <strong>{t(`dossier.verdict.${value}`)}</strong>
      <div>
        {titles.length > 0 ? <span>{titles.join(' · ')}</span> : help && <span>{help}</span>}
        {verdict && (
          <span className="quiet small">
            {t('dossier.ruleset', { title: own(verdict.ruleset_title), year: verdict.year })}
          </span>
        )}
      </div>
    </div>
  );
}
