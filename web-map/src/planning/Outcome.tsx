import type { Outcome as Name } from '../api/planning';
import { useText } from '../i18n';

const marks: Record<Name, string> = {
  pass: '✓',
  needs_plan_change: '△',
  fail: '✕',
  unknown: '?',
  not_applicable: '–',
};

/** A mark beside the word, so that the colour is not needed. */
export function Outcome({ of }: { of: Name }) {
  const { t } = useText();
  return (
    <span className={`outcome ${of}`}>
      <i aria-hidden="true">{marks[of]}</i>
      {t(`planning.outcome.${of}`)}
    </span>
  );
}
