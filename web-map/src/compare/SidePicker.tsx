import { Input, Select } from 'antd';
import { useRuns } from '../api/runs';
import { useRuleSets, useScenarios } from '../api/scenarios';
import type { LayerTree } from '../api/schema';
import { useText } from '../i18n';
import type { SideView } from '../state/url';
import { hasDays } from './data';

type Props = { tree: LayerTree; side: SideView; name: string; onChange: (to: SideView) => void };

/** What one of the two maps shows: a layer, and of when or by whose rules. */
export function SidePicker({ tree, side, name, onChange }: Props) {
  const { t, own } = useText();
  const runs = useRuns().data ?? [];
  const sets = useRuleSets().data ?? [];
  const scenarios = useScenarios().data ?? [];
  const layers = tree.layers.filter((it) => it.readable && it.geometry !== 'none' && it.role !== 'base');
  const layer = tree.layers.find((it) => it.id === side.layer);
  const isJudging = sets.some((it) => it.layer === side.layer);
  const { of } = side;
  const options = [
    { value: 'now', label: t('compare.now') },
    ...(layer && hasDays(layer) ? [{ value: 'day', label: t('compare.on_day') }] : []),
    ...(isJudging
      ? runs.map((it) => ({
          value: `run~${it.run_id}`,
          label: t('compare.run', { year: it.year, id: it.run_id }),
        }))
      : []),
    ...(isJudging
      ? scenarios
          .filter((it) => it.layer === side.layer)
          .map((it) => ({
            value: `scenario~${it.scenario_id}`,
            label: t('compare.scenario', { title: it.title }),
          }))
      : []),
  ];
  const choose = (value: string) => {
    const [kind, id] = value.split('~');
    if (kind === 'day') return onChange({ ...side, of: { kind, day: aYearAgo() } });
    if (kind === 'run' || kind === 'scenario') return onChange({ ...side, of: { kind, id: Number(id) } });
    onChange({ ...side, of: { kind: 'now' } });
  };
  return (
    <div className="side-picker" role="group" aria-label={name}>
      <span className="quiet">{name}</span>
      <Select
        value={side.layer}
        aria-label={t('compare.which_layer', { side: name })}
        popupMatchSelectWidth={false}
        onChange={(id) => onChange({ layer: id, of: { kind: 'now' } })}
        options={layers.map((it) => ({ value: it.id, label: own(it.title) }))}
      />
      <Select
        value={of.kind === 'now' || of.kind === 'day' ? of.kind : `${of.kind}~${of.id}`}
        aria-label={t('compare.which_state', { side: name })}
        popupMatchSelectWidth={false}
        onChange={choose}
        options={options}
      />
      {of.kind === 'day' && (
        <Input
          type="date"
          className="side-day"
          value={of.day}
          aria-label={t('compare.which_day', { side: name })}
          onChange={(event) => {
            const day = event.target.value;
            if (day !== '') onChange({ ...side, of: { kind: 'day', day } });
          }}
        />
      )}
    </div>
  );
}

function aYearAgo(): string {
  const day = new Date();
  day.setFullYear(day.getFullYear() - 1);
  return day.toISOString().slice(0, 10);
}
