import { useRuns } from '../api/runs';
import { useScenarios } from '../api/scenarios';
import type { LayerTree } from '../api/schema';
import { useText } from '../i18n';
import type { SideView } from '../state/url';

/** `低效用地 · 2024 年评价` */
export function useSideTitle(tree: LayerTree): (side: SideView) => string {
  const { t, own } = useText();
  const runs = useRuns().data;
  const scenarios = useScenarios().data;
  return ({ layer, of }) => {
    const known = tree.layers.find((it) => it.id === layer);
    const name = known ? own(known.title) : layer;
    if (of.kind === 'day') return t('compare.of_day', { name, day: of.day });
    if (of.kind === 'run') {
      const run = runs?.find((it) => it.run_id === of.id);
      return t('compare.of_run', { name, year: run?.year ?? '', id: of.id });
    }
    if (of.kind === 'scenario') {
      const title = scenarios?.find((it) => it.scenario_id === of.id)?.title ?? `#${of.id}`;
      return t('compare.of_scenario', { name, title });
    }
    return t('compare.of_now', { name });
  };
}
