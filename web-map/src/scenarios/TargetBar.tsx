import { InputNumber, Progress } from 'antd';
import type { Distance } from '../api/schema';
import { decimal } from '../format';
import { useText } from '../i18n';
import { isShort, progress } from './figures';

type Props = {
  targets: readonly Distance[];
  lowMu: string | null;
  targetMu: string | null;
  onTarget: (to: string | null) => void;
};

/** How far the low-efficiency land is from what is to be found. */
export function TargetBar({ targets, lowMu, targetMu, onTarget }: Props) {
  const { t } = useText();
  const whole = targets.find((it) => it.unit === null && it.kind === 'mu');
  return (
    <section className="card target" aria-label={t('scenarios.target')}>
      <div className="target-head">
        <h3>{t('scenarios.target')}</h3>
        <InputNumber
          className="target-mu"
          stringMode
          size="small"
          min="0"
          value={targetMu}
          placeholder={t('scenarios.target_stored')}
          onChange={(to) => onTarget(to === null || to === '' ? null : String(to))}
          suffix={t('scenarios.mu')}
          aria-label={t('scenarios.target_mu')}
        />
        <span className="spring" />
        {whole ? (
          <strong className={isShort(whole) ? 'short' : 'reached'}>
            {isShort(whole)
              ? t('scenarios.short', { mu: decimal(whole.gap, 1, true) })
              : t('scenarios.reached', { mu: decimal(whole.gap.replace('-', ''), 1, true) })}
          </strong>
        ) : (
          <span className="quiet">{t('scenarios.no_target')}</span>
        )}
      </div>
      {whole && (
        <Progress
          percent={Math.round(progress(whole) * 1000) / 10}
          {...(isShort(whole) ? {} : { status: 'success' as const })}
          format={() => `${decimal(lowMu ?? '0', 1, true)} / ${decimal(whole.quantity, 1, true)}`}
          aria-label={t('scenarios.target')}
        />
      )}
    </section>
  );
}
