import type { Dossier } from '../api/schema';
import { date } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { runPath } from '../state/url';

/** Which rules in which version, applied by which run: its state and day. */
export function RunLine({ verdict }: { verdict: NonNullable<Dossier['verdict']> }) {
  const { t, own } = useText();
  const { run } = verdict;
  const at = date(run.finalised_at ?? run.published_at ?? run.finished_at);
  return (
    <p className="ruleset">
      {t('dossier.ruleset', { title: own(verdict.ruleset_title), year: verdict.year })}{' '}
      <code>{verdict.ruleset}</code>
      {verdict.ruleset_version !== null && (
        <> {t('dossier.version_no', { version: verdict.ruleset_version })}</>
      )}
      {verdict.ruleset_valid_from && (
        <span className="quiet"> {t('dossier.in_force_from', { date: verdict.ruleset_valid_from })}</span>
      )}
      {' · '}
      <a href={toPath(runPath(run.run_id))}>{t('dossier.run_no', { run: run.run_id })}</a>{' '}
      <span className={`run-state ${run.state}`}>{t(`dossier.state.${run.state}`)}</span> {at}
    </p>
  );
}
