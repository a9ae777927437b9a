import { Alert, Segmented } from 'antd';
import { useState } from 'react';
import type { Asked } from '../api/scenarios';
import type { LayerTree, Preview } from '../api/schema';
import { useText } from '../i18n';
import { hasWebGl2 } from '../map/new-map';
import { toPath } from '../state/base';
import { dossierPath } from '../state/url';
import type { Mode } from './flips';
import { ScenarioCanvas, type Picked } from './ScenarioCanvas';
import { ScenarioLegend } from './ScenarioLegend';

type Props = { tree: LayerTree; asked: Asked; preview: Preview; code: string | null };

/** The run's verdicts on the map, and which of them the changed thresholds turn. */
export function ScenarioMap({ tree, asked, preview, code }: Props) {
  const { t } = useText();
  const [mode, setMode] = useState<Mode>('changed');
  const [picked, setPicked] = useState<Picked | null>(null);
  const layer = tree.layers.find((it) => it.id === preview.layer && it.readable);
  if (!layer) return null;
  return (
    <section className="card scenario-map" aria-label={t('scenarios.map')}>
      <div className="units-head">
        <h3>{t('scenarios.map')}</h3>
        <span className="spring" />
        <Segmented<Mode>
          size="small"
          aria-label={t('scenarios.map_shows')}
          value={mode}
          onChange={setMode}
          options={(['run', 'changed', 'difference'] as const).map((value) => ({
            value,
            label: t(`scenarios.mode.${value}`),
          }))}
        />
      </div>
      <ScenarioLegend layer={layer} mode={mode} preview={preview} />
      {hasWebGl2 ? (
        <ScenarioCanvas
          tree={tree}
          layer={layer}
          asked={asked}
          runId={preview.run_id}
          mode={mode}
          code={code}
          onPick={setPicked}
        />
      ) : (
        <Alert type="info" showIcon title={t('map.no_webgl')} />
      )}
      <p className="picked" role="status">
        {picked ? (
          <>
            <a href={toPath(dossierPath(picked.code))}>{picked.code}</a>{' '}
            {picked.turned
              ? t('scenarios.turned', {
                  from: t(`scenarios.verdict.${picked.turned.from}`),
                  to: t(`scenarios.verdict.${picked.turned.to}`),
                })
              : t('scenarios.not_turned')}
          </>
        ) : (
          <span className="quiet">{t('scenarios.map_how')}</span>
        )}
      </p>
    </section>
  );
}
