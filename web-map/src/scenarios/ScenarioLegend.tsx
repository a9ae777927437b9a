import type { Layer, Preview } from '../api/schema';
import { decimal } from '../format';
import { useText } from '../i18n';
import { kindColours, sumsOf, verdictColour, type Mode, type Verdict } from './flips';

const verdicts: readonly Verdict[] = ['low', 'ok', 'unknown'];

/** What the colours and lines mean, and how much land turns. */
export function ScenarioLegend({ layer, mode, preview }: { layer: Layer; mode: Mode; preview: Preview }) {
  const { t } = useText();
  return (
    <ul className="scenario-legend" aria-label={t('scenarios.legend')}>
      {mode !== 'difference' &&
        verdicts.map((it) => (
          <li key={it}>
            <i style={{ background: verdictColour(layer, it) }} />
            {t(`scenarios.verdict.${it}`)}
          </li>
        ))}
      {mode !== 'run' &&
        sumsOf(preview.flips).map((it) => (
          <li key={it.kind} data-kind={it.kind}>
            <svg width="26" height="14" aria-hidden="true">
              <rect
                x="2"
                y="2"
                width="22"
                height="10"
                fill={mode === 'difference' ? kindColours[it.kind] : 'none'}
                fillOpacity="0.55"
                stroke={kindColours[it.kind]}
                strokeWidth="2.4"
                strokeDasharray={{ in: undefined, out: '5 3', other: '2 3' }[it.kind]}
              />
            </svg>
            {t(`scenarios.kind.${it.kind}`, {
              parcels: decimal(it.parcels, 0),
              mu: decimal(it.areaMu, 1, true),
            })}
          </li>
        ))}
    </ul>
  );
}
