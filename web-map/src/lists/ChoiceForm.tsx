import { useQuery } from '@tanstack/react-query';
import { Input, Radio, Select } from 'antd';
import { sendJson } from '../api/client';
import { useLayerTree } from '../api/hooks';
import { useScenarios } from '../api/scenarios';
import type { LayerTree } from '../api/schema';
import { useText } from '../i18n';
import { AreaChoice } from './AreaChoice';
import { countCodes, sources, type Chosen } from './choice';
import { layersOfParcels, parcelLayer } from './layers';

type Props = { chosen: Chosen; onChoose: (to: Chosen) => void };

/** From where parcels come into a list. */
export function ChoiceForm({ chosen, onChoose }: Props) {
  const { t, own } = useText();
  const tree = useLayerTree().data;
  const scenarios = useScenarios().data ?? [];
  const set = (more: Partial<Chosen>) => onChoose({ ...chosen, ...more });
  if (chosen.source === 'thresholds') return <p>{t('lists.from_thresholds')}</p>;
  return (
    <div className="stacked">
      <Radio.Group
        value={chosen.source}
        optionType="button"
        onChange={(event) => set({ source: event.target.value as Chosen['source'] })}
        options={sources.map((value) => ({ value, label: t(`lists.source.${value}`) }))}
        aria-label={t('lists.source_label')}
      />
      {chosen.source === 'scenario' && (
        <Select
          value={chosen.scenarioId}
          onChange={(scenarioId) => set({ scenarioId })}
          placeholder={t('lists.which_scenario')}
          aria-label={t('lists.which_scenario')}
          options={scenarios.map((it) => ({
            value: it.scenario_id,
            label: `${it.title} · ${it.recorded_by}`,
          }))}
          notFoundContent={t('lists.no_scenarios')}
        />
      )}
      {chosen.source === 'filter' && tree && (
        <>
          <Select
            value={chosen.layer}
            onChange={(layer) => set({ layer })}
            placeholder={t('lists.which_layer')}
            aria-label={t('lists.which_layer')}
            options={layersOfParcels(tree).map((it) => ({ value: it.id, label: own(it.title) }))}
          />
          <Input.TextArea
            rows={2}
            value={chosen.filter}
            onChange={(event) => set({ filter: event.target.value })}
            placeholder={t('lists.filter_example')}
            aria-label={t('lists.filter')}
          />
          <Fields tree={tree} layerId={chosen.layer} />
        </>
      )}
      {chosen.source === 'area' && tree && <AreaChoice tree={tree} chosen={chosen} onChoose={onChoose} />}
      {chosen.source === 'town' && tree && <Towns tree={tree} chosen={chosen} onChoose={onChoose} />}
      {chosen.source === 'codes' && (
        <>
          <Input.TextArea
            rows={6}
            value={chosen.codes}
            onChange={(event) => set({ codes: event.target.value })}
            placeholder={t('lists.codes_example')}
            aria-label={t('lists.codes')}
          />
          <p className="quiet">{t('lists.codes_count', { count: countCodes(chosen.codes) })}</p>
        </>
      )}
    </div>
  );
}

/** What a filter of the layer may name. */
function Fields({ tree, layerId }: { tree: LayerTree; layerId: string | null }) {
  const { t, own } = useText();
  const layer = tree.layers.find((it) => it.id === layerId);
  if (!layer) return null;
  return (
    <p className="quiet filter-fields">
      {t('lists.may_name')}
      {layer.fields
        .filter((it) => it.readable)
        .map((it) => (
          <span key={it.name}>
            <code>{it.name}</code> {own(it.title)}
          </span>
        ))}
    </p>
  );
}

type Group = { key: Record<string, string | null>; count: number };

/** Towns as the register has them, with the number of their parcels. */
function Towns({ tree, chosen, onChoose }: Props & { tree: LayerTree }) {
  const { t, list } = useText();
  const layer = parcelLayer(tree)?.id ?? null;
  const towns = useQuery({
    queryKey: ['parcels_by_town', layer],
    queryFn: () =>
      sendJson<{ groups: Group[] }>('POST', '/api/v1/stats', {
        layer,
        group_by: ['town_code', 'responsible_unit'],
      }),
    enabled: layer !== null,
    staleTime: 60_000,
  });
  const byTown = new Map<string, { units: string[]; count: number }>();
  for (const it of towns.data?.groups ?? []) {
    const town = it.key['town_code'];
    if (!town) continue;
    const known = byTown.get(town) ?? { units: [], count: 0 };
    const unit = it.key['responsible_unit'];
    byTown.set(town, { units: unit ? [...known.units, unit] : known.units, count: known.count + it.count });
  }
  return (
    <Select
      showSearch
      value={chosen.town}
      onChange={(town) => onChoose({ ...chosen, town })}
      placeholder={t('lists.which_town')}
      aria-label={t('lists.which_town')}
      loading={towns.isPending}
      optionFilterProp="label"
      options={[...byTown].map(([value, it]) => ({
        value,
        label: t('lists.town', { code: value, units: list(it.units), count: it.count }),
      }))}
    />
  );
}
