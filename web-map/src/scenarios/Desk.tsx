import { Alert, Button, Select, Skeleton } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { explain } from '../api/explain';
import { useLayerTree } from '../api/hooks';
import { usePreview, useRuleSets, type Asked } from '../api/scenarios';
import type { RuleSet, Scenario, Session } from '../api/schema';
import { useText } from '../i18n';
import { readScenarios } from './address';
import { IntoList } from '../lists/IntoList';
import { changesOf } from './figures';
import { SaveDialog } from './SaveDialog';
import { SavedList } from './SavedList';
import { ScenarioMap } from './ScenarioMap';
import { TargetBar } from './TargetBar';
import { Thresholds } from './Thresholds';
import { Totals } from './Totals';
import { UnitTable } from './UnitTable';

/** Milliseconds between an answer and the next question, while a threshold is dragged. */
const pause = 80;

const keyOf = (it: RuleSet) => `${it.layer}/${it.id}/${it.version}`;

export function Desk({ session }: { session: Session }) {
  const { t, own } = useText();
  const sets = useRuleSets();
  const tree = useLayerTree().data;
  const [opened] = useState(() => readScenarios(location.search));
  const [chosen, setChosen] = useState<string | null>(null);
  const [values, setValues] = useState<Record<string, string>>({});
  const [dropped, setDropped] = useState<ReadonlySet<string>>(new Set());
  const [targetMu, setTargetMu] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);

  const all = sets.data ?? [];
  const isOpened = (it: RuleSet) => it.layer === opened.layer && it.id === opened.ruleset;
  const set =
    all.find((it) => keyOf(it) === chosen) ??
    all.find(isOpened) ??
    all.find((it) => !it.on_request) ??
    all[0] ??
    null;
  const asked = useMemo<Asked | null>(
    () =>
      set && {
        layer: set.layer,
        ruleset: set.id,
        changes: changesOf(set.parameters, values, dropped),
        targetMu,
      },
    [set, values, dropped, targetMu],
  );
  const [settled, setSettled] = useState(asked);
  const preview = usePreview(settled);
  useNewest(asked, settled, preview.isFetching, setSettled);

  const choose = (key: string) => {
    setChosen(key);
    setValues({});
    setDropped(new Set());
  };
  const open = (scenario: Scenario) => {
    const own = all.find((it) => it.layer === scenario.layer && it.id === scenario.ruleset);
    if (own) setChosen(keyOf(own));
    setValues(Object.fromEntries(scenario.parameters.map((it) => [it.id, it.value])));
    setDropped(new Set(Object.keys(scenario.changes.rules).filter((id) => !scenario.changes.rules[id])));
    setTargetMu(scenario.target?.kind === 'mu' ? String(scenario.target.quantity) : null);
  };

  if (sets.isPending) return <Skeleton active />;
  if (!set)
    return <Alert type="error" message={sets.error ? explain(sets.error, t) : t('scenarios.no_rules')} />;
  const isChanged = asked !== null && (Object.keys(asked.changes.parameters).length > 0 || dropped.size > 0);
  return (
    <>
      <div className="page-title">
        <h2>{t('scenarios.title')}</h2>
        <p className="quiet">{t('scenarios.lead')}</p>
      </div>
      <div className="scenarios-desk">
        <section className="card scenarios-rules" aria-label={t('scenarios.thresholds')}>
          <Select
            aria-label={t('scenarios.ruleset')}
            value={keyOf(set)}
            onChange={choose}
            options={all.map((it) => ({
              value: keyOf(it),
              label: `${own(it.title)}${it.version > 0 ? ` · v${it.version}` : ''}`,
            }))}
          />
          <Thresholds
            set={set}
            tree={tree}
            values={values}
            dropped={dropped}
            counts={preview.data?.rules ?? []}
            onValue={(id, value) => setValues((it) => ({ ...it, [id]: value }))}
            onDrop={(id, isDropped) =>
              setDropped((it) => {
                const next = new Set(it);
                if (isDropped) next.add(id);
                else next.delete(id);
                return next;
              })
            }
          />
          <div className="scenarios-actions">
            {asked && <IntoList asked={asked} session={session} />}
            <Button disabled={!isChanged} onClick={() => choose(keyOf(set))}>
              {t('scenarios.reset')}
            </Button>
            <Button type="primary" disabled={!isChanged} onClick={() => setSaving(true)}>
              {t('scenarios.save')}
            </Button>
          </div>
        </section>
        <div className="scenarios-found">
          {preview.error && <Alert type="error" message={explain(preview.error, t)} showIcon />}
          {preview.data ? (
            <>
              <TargetBar
                targets={preview.data.targets}
                lowMu={preview.data.after.low.area_mu}
                targetMu={targetMu}
                onTarget={setTargetMu}
              />
              <Totals preview={preview.data} isStale={preview.isPlaceholderData} />
              {tree && settled && (
                <ScenarioMap tree={tree} asked={settled} preview={preview.data} code={opened.code} />
              )}
              <UnitTable preview={preview.data} />
            </>
          ) : (
            preview.isPending && <Skeleton active />
          )}
          <SavedList session={session} onOpen={open} />
        </div>
      </div>
      {saving && asked && <SaveDialog asked={asked} onClose={() => setSaving(false)} />}
    </>
  );
}

/** While the value moves on, the newest one is taken each time that the server has answered for the one before. */
function useNewest<T>(value: T, taken: T, isBusy: boolean, take: (value: T) => void) {
  const newest = useRef(value);
  useEffect(() => {
    newest.current = value;
  }, [value]);
  const isDue = value !== taken && !isBusy;
  useEffect(() => {
    if (!isDue) return;
    const timer = setTimeout(() => take(newest.current), pause);
    return () => clearTimeout(timer);
  }, [isDue, take]);
}
