import { AutoComplete, Button, Space, Switch, Tag } from 'antd';
import { useState } from 'react';
import type { CrsChoice, ImportOptions } from '../api/schema';
import { useText } from '../i18n';
import { how, Row } from './Detection';
import { commonSystems, crsText, isCrsText, type Correction } from './options';

type Props = {
  crs: CrsChoice | null;
  options: ImportOptions | null;
  editable: boolean;
  busy: boolean;
  onCorrect: (correction: Correction) => void;
};

/** The coordinate system: what was taken, why, how sure, and what else it could be. */
export function CrsRow({ crs, options, editable, busy, onCorrect }: Props) {
  const { t, own } = useText();
  const [typed, setTyped] = useState('');
  const text = crsText(typed);
  const fits = isCrsText(text);
  const candidates = crs?.candidates ?? [];
  const others = commonSystems.filter((it) => !candidates.some((one) => one.code === it));
  const swapped = options?.swap_axes ?? crs?.swapped ?? false;
  return (
    <Row
      title={t('import.crs')}
      found={
        crs ? (
          <>
            {crs.name} <span className="quiet">{how(crs.how, t)}</span>
            {crs.confidence && (
              <Tag className={`confidence ${crs.confidence}`}>
                {t(`import.confidence.${crs.confidence}`, { defaultValue: crs.confidence })}
              </Tag>
            )}
            {crs.reasons && crs.reasons.length > 0 && (
              <ul className="reasons">
                {crs.reasons.map((it) => (
                  <li key={it.zh}>{own(it)}</li>
                ))}
              </ul>
            )}
            {crs.warnings && crs.warnings.length > 0 && (
              <ul className="reasons warn">
                {crs.warnings.map((it) => (
                  <li key={it.zh}>{own(it)}</li>
                ))}
              </ul>
            )}
          </>
        ) : (
          (options?.source_crs ?? t('import.not_known_yet'))
        )
      }
    >
      {editable && (
        <>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              const swapped = candidates.find((it) => it.code === text)?.swapped;
              if (fits) onCorrect({ source_crs: text, ...(swapped ? { swap_axes: true } : {}) });
            }}
          >
            <Space.Compact block>
              <AutoComplete
                aria-label={t('import.crs_typed')}
                className="crs-typed"
                placeholder={t('import.crs_example')}
                value={typed}
                disabled={busy}
                onChange={(it: string) => setTyped(it)}
                {...(typed !== '' && !fits ? { status: 'error' as const } : {})}
                options={[
                  ...(candidates.length > 0
                    ? [
                        {
                          label: t('import.crs_candidates'),
                          options: candidates.map((it) => ({
                            value: it.code,
                            label: `${it.code} · ${own(it.why)}`,
                          })),
                        },
                      ]
                    : []),
                  {
                    label: t('import.crs_common'),
                    options: others.map((it) => ({ value: it, label: t(`import.crs_named.${it.slice(5)}`) })),
                  },
                ]}
              />
              <Button htmlType="submit" disabled={!fits} loading={busy}>
                {t('import.correct')}
              </Button>
            </Space.Compact>
          </form>
          <div className="mend-more">
            <label>
              <Switch
                size="small"
                disabled={busy}
                checked={swapped}
                onChange={(swap_axes) => onCorrect({ swap_axes })}
              />{' '}
              {t('import.swap_axes')}
            </label>
            {options?.source_crs != null && (
              <Button
                type="link"
                size="small"
                disabled={busy}
                onClick={() => onCorrect({ source_crs: null })}
              >
                {t('import.crs_by_itself')}
              </Button>
            )}
          </div>
        </>
      )}
    </Row>
  );
}
