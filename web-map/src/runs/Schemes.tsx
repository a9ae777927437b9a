import { Alert, Button, Input, Select, Skeleton, Tag } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { explain } from '../api/explain';
import { checkScheme, useRuns, useSchemes } from '../api/runs';
import type { CheckedScheme, Scheme } from '../api/schema';
import { useText } from '../i18n';
import { Failure } from '../session/Failure';
import { useKnown } from '../session/known';
import { mayImport } from '../session/roles';
import { periodText } from './period';
import { SaveScheme } from './SaveScheme';
import { SchemeVersions } from './SchemeVersions';

/** The schemes of the folders with their faults, and a desk to try another text. */
export function Schemes() {
  const { t, own } = useText();
  const known = useSchemes();
  const session = useKnown((it) => it.session);
  const [id, setId] = useState<string | null>(null);
  if (known.isPending) return <Skeleton active />;
  if (known.isError) return <Alert type="error" showIcon title={explain(known.error, t)} />;
  const { schemes, configured, measures } = known.data;
  const chosen = schemes.find((it) => it.id === (id ?? configured)) ?? schemes[0];
  if (!chosen) return <p className="quiet">{t('runs.no_schemes')}</p>;
  const title = (name: string) => {
    const found = measures.find((it) => it.name === name);
    return found ? own(found) : name;
  };
  return (
    <>
      <div className="toolbar">
        <Select
          className="scheme-select"
          aria-label={t('runs.scheme')}
          value={chosen.id}
          onChange={setId}
          options={schemes.map((it) => ({
            value: it.id,
            label: `${it.title ? own(it.title) : it.id}${it.version > 0 ? ` · v${it.version}` : ''}`,
          }))}
        />
        {chosen.id === configured && <Tag color="blue">{t('runs.configured')}</Tag>}
        <Faults scheme={chosen} />
      </div>
      {chosen.basis && <p className="quiet">{own(chosen.basis)}</p>}
      <div className="cohorts">
        {chosen.cohorts.map((it) => (
          <section key={it.id}>
            <h3>
              {own(it.title)} {it.when && <code>{it.when}</code>}
            </h3>
            <ul className="reasons">
              {it.items.map((item) => (
                <li key={item.measure}>
                  {title(item.measure)} <b>{item.weight}</b>{' '}
                  <span className="quiet">
                    {item.method === 'min_max' ? t('runs.min_max') : <Base base={item.base} />}
                  </span>
                </li>
              ))}
            </ul>
            <p className="bands">
              {it.bands.map((band) => (
                <Tag key={band.grade}>
                  {band.grade} ≤ {Number(band.up_to) * 100}%
                </Tag>
              ))}
            </p>
          </section>
        ))}
      </div>
      <SchemeVersions scheme={chosen} />
      {session && mayImport(session) && <Desk key={`${chosen.id} ${chosen.version}`} scheme={chosen} />}
    </>
  );
}

function Base({ base }: { base: Scheme['cohorts'][number]['items'][number]['base'] }) {
  const { t } = useText();
  if (base === null || base === undefined) return null;
  if (typeof base === 'string') return <>{t('runs.base_of', { base })}</>;
  return <>{t(`runs.base_${base.of}`, { times: base.times })}</>;
}

function Faults({ scheme }: { scheme: Scheme }) {
  const { t } = useText();
  if (scheme.faults.length === 0) return <Tag color="success">{t('runs.no_faults')}</Tag>;
  return (
    <Alert
      type="error"
      showIcon
      title={t('runs.faults', { count: scheme.faults.length })}
      description={
        <ul className="reasons">
          {scheme.faults.map((it, nth) => (
            <li key={nth}>
              {it.at && <b>{it.at}：</b>}
              {it.why}
            </li>
          ))}
        </ul>
      }
    />
  );
}

/** A text that is tried, and saved as a version with its own days. */
function Desk({ scheme }: { scheme: Scheme }) {
  const { t } = useText();
  const runs = useRuns().data ?? [];
  const [written, setWritten] = useState(scheme.text);
  const [found, setFound] = useState<CheckedScheme | null>(null);
  const scored = runs.filter((it) => it.scheme !== null);
  const [runId, setRunId] = useState<number | null>(null);
  const tried = runId ?? scored[0]?.run_id ?? null;
  const check = useAction(async () => setFound(await checkScheme(written, tried)));
  return (
    <section className="scheme-desk">
      <h3>{t('runs.try')}</h3>
      <p className="quiet">{t('runs.try_means')}</p>
      <Input.TextArea
        className="code"
        aria-label={t('runs.text')}
        rows={16}
        spellCheck={false}
        value={written}
        onChange={(it) => setWritten(it.target.value)}
      />
      <div className="toolbar">
        <Button type="primary" loading={check.busy} onClick={check.run}>
          {t('runs.check')}
        </Button>
        <Select<number | null>
          className="toolbar-select"
          aria-label={t('runs.try_on')}
          value={tried}
          onChange={setRunId}
          options={scored.map((it) => ({
            value: it.run_id,
            label: t('runs.heading', { id: it.run_id, period: periodText(it.period, t) }),
          }))}
        />
        {found && <Faults scheme={found.scheme} />}
      </div>
      <Failure title={t('runs.not_done')} why={check.failure} />
      {found?.grades && (
        <div>
          {Object.entries(found.grades).map(([cohort, grades]) => (
            <p key={cohort}>
              {cohort || t('runs.unplaced')}：
              {Object.entries(grades).map(([grade, n]) => (
                <Tag key={grade}>
                  {grade || t('runs.ungraded')} {n}
                </Tag>
              ))}
            </p>
          ))}
          <p>{t('runs.changed', { count: found.changed ?? 0 })}</p>
        </div>
      )}
      <SaveScheme scheme={scheme} text={written} />
    </section>
  );
}
