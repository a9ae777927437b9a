import { Histogram } from '../chart/Histogram';
import { boundsOf, withinRange, type Measured } from './measured';
import { useStats } from '../api/stats';
import type { Parameter } from '../api/schema';
import { count, decimal, unitName } from '../format';
import { useText } from '../i18n';

type Props = {
  parameter: Parameter;
  measured: Measured;
  label: string;
  value: string;
  onValue: (to: string) => void;
};

/** Neither is a verdict: rules may ask for more than this. */
const colours = { fits: '#b8473d', other: '#b9cfbd' };

/** A threshold among the values that it divides; every step of a drag is told. */
export function ThresholdChart({ parameter, measured, label, value, onValue }: Props) {
  const { t, language } = useText();
  const found = useStats({
    layer: measured.layer,
    histogram: { field: measured.field, breaks: boundsOf(parameter) },
  }).data?.histogram;
  if (!found) return <div className="threshold-chart waiting" />;
  const { counts, beyond } = withinRange(found);
  const unit = unitName(parameter.unit, language);
  const tell = (it: number) => `${decimal(it, 4, true)} ${unit}`.trim();
  const set = ([to]: number[]) => to !== undefined && onValue(String(to));
  const { fits, other } = colours;
  return (
    <div className="threshold-chart">
      <Histogram
        label={label}
        counts={counts}
        handles={[Number(value)]}
        colours={measured.fits === 'below' ? [fits, other] : [other, fits]}
        tell={tell}
        onMove={set}
        onChange={set}
      />
      {beyond > 0 && (
        <p className="quiet small">
          {t('scenarios.beyond', { count: count(beyond), max: tell(Number(parameter.max)) })}
        </p>
      )}
    </div>
  );
}
