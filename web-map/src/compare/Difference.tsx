import { Checkbox } from 'antd';
import { count } from '../format';
import { useText } from '../i18n';
import { kindColours, type Kind } from '../scenarios/flips';

type Props = {
  isOn: boolean;
  onTurn: (to: boolean) => void;
  /** Null while they are not known. */
  sums: readonly { kind: Kind; rows: number }[] | null;
  areDays: boolean;
  isCut: boolean;
};

const dashes: Record<Kind, string | undefined> = { in: undefined, out: '6 4', other: '2 3' };

/** Whether what differs is marked, with what, and how many there are. */
export function Difference({ isOn, onTurn, sums, areDays, isCut }: Props) {
  const { t } = useText();
  return (
    <div className="compare-difference">
      <Checkbox checked={isOn} onChange={(event) => onTurn(event.target.checked)}>
        {t('compare.difference')}
      </Checkbox>
      {isOn && sums && (
        <div role="status" aria-label={t('compare.difference')}>
          <ul>
            {sums.map(({ kind, rows }) => (
              <li key={kind}>
                <svg width="26" height="10" aria-hidden="true">
                  <line
                    x1="1"
                    x2="25"
                    y1="5"
                    y2="5"
                    stroke={kindColours[kind]}
                    strokeWidth="3"
                    strokeDasharray={dashes[kind]}
                  />
                </svg>
                {t(areDays ? `compare.day.${kind}` : `compare.verdict.${kind}`)} <b>{count(rows)}</b>
              </li>
            ))}
          </ul>
        </div>
      )}
      {isCut && <p className="quiet">{t('compare.cut')}</p>}
    </div>
  );
}
