import { Input, InputNumber, Slider, Switch, Tooltip } from 'antd';
import type { LayerTree, Parameter, Preview, RuleSet } from '../api/schema';
import { unitName } from '../format';
import { useText } from '../i18n';
import { stepOf } from './figures';
import { measuredBy, type Measured } from './measured';
import { ThresholdChart } from './ThresholdChart';

type Props = {
  set: RuleSet;
  tree: LayerTree | undefined;
  values: Readonly<Record<string, string>>;
  dropped: ReadonlySet<string>;
  counts: Preview['rules'];
  onValue: (id: string, value: string) => void;
  onDrop: (id: string, isDropped: boolean) => void;
};

export function Thresholds({ set, tree, values, dropped, counts, onValue, onDrop }: Props) {
  const { t, own } = useText();
  return (
    <>
      <h3>{t('scenarios.thresholds')}</h3>
      {set.parameters.length === 0 && <p className="quiet">{t('scenarios.no_thresholds')}</p>}
      <ul className="thresholds">
        {set.parameters.map((it) => (
          <Threshold
            key={it.id}
            it={it}
            value={values[it.id] ?? it.value}
            measured={tree ? measuredBy(set, it, tree) : null}
            onValue={(to) => onValue(it.id, to)}
          />
        ))}
      </ul>
      <h3>{t('scenarios.rules')}</h3>
      <ul className="rule-list">
        {set.rules
          .filter((it) => it.effect !== 'part')
          .map((it) => {
            const count = counts.find((own) => own.rule === it.id);
            return (
              <li key={it.id}>
                <Switch
                  size="small"
                  checked={!dropped.has(it.id)}
                  onChange={(isOn) => onDrop(it.id, !isOn)}
                  aria-label={own(it.title)}
                />
                <Tooltip title={`${it.basis} · ${it.when}`}>
                  <span className={dropped.has(it.id) ? 'quiet' : undefined}>{own(it.title)}</span>
                </Tooltip>
                <span className="spring" />
                {it.effect === 'exempt' && <span className="tag">{t('scenarios.exempt')}</span>}
                <span className="figure quiet">
                  {count ? t('scenarios.count_parcels', { count: count.fits }) : ''}
                </span>
              </li>
            );
          })}
      </ul>
    </>
  );
}

type One = { it: Parameter; value: string; measured: Measured | null; onValue: (to: string) => void };

function Threshold({ it, value, measured, onValue }: One) {
  const { t, own, language } = useText();
  const unit = unitName(it.unit, language);
  const label = own(it.title);
  const isChanged = value !== it.value;
  return (
    <li>
      <div className="threshold-head">
        <Tooltip title={it.basis}>
          <span>{label}</span>
        </Tooltip>
        <span className="spring" />
        {isChanged && <span className="quiet small">{t('scenarios.was', { value: it.value })}</span>}
      </div>
      {it.kind === 'number' ? (
        <div className={measured ? 'threshold-row charted' : 'threshold-row'}>
          {measured ? (
            <ThresholdChart
              parameter={it}
              measured={measured}
              label={label}
              value={value}
              onValue={onValue}
            />
          ) : (
            <Slider
              min={Number(it.min ?? 0)}
              max={Number(it.max ?? 100)}
              step={stepOf(it)}
              value={Number(value)}
              onChange={(to) => onValue(String(to))}
              ariaLabelForHandle={label}
            />
          )}
          <InputNumber
            stringMode
            size="small"
            {...(it.min === null ? {} : { min: it.min })}
            {...(it.max === null ? {} : { max: it.max })}
            value={value}
            onChange={(to) => to !== null && onValue(String(to))}
            suffix={unit || undefined}
            aria-label={label}
          />
        </div>
      ) : it.kind === 'boolean' ? (
        <Switch checked={value === 'true'} onChange={(to) => onValue(String(to))} aria-label={label} />
      ) : (
        <Input
          size="small"
          value={value}
          type={it.kind === 'date' ? 'date' : 'text'}
          onChange={(event) => onValue(event.target.value)}
          aria-label={label}
        />
      )}
    </li>
  );
}
