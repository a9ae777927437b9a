import { Tag, Tooltip } from 'antd';
import type { Dossier, LayerTree, LegendRow, Share } from '../api/schema';
import { barWidth, decimal, percent } from '../format';
import { useText } from '../i18n';
import { FactGroups } from './FactGroups';
import { Fact, Figure } from './figures';

export function Overview({ dossier, tree }: { dossier: Dossier; tree: LayerTree | null }) {
  const { t } = useText();
  const area = decimal(dossier.area_mu, 2);
  return (
    <>
      <div className="areas">
        <div>
          <span className="big">
            <Fact name="area_mu">{area && `${area} ${t('dossier.mu')}`}</Fact>
          </span>
          <span className="quiet">{dossier.area_basis && t(`dossier.basis.${dossier.area_basis}`)}</span>
        </div>
        <div>
          <Figure name="area_registered_m2" value={dossier.area_registered_m2} unit="m2" />
          <span className="quiet">{t('dossier.area_registered')}</span>
        </div>
        <div>
          <Figure name="area_geom_m2" value={dossier.area_geom_m2} unit="m2" />
          <span className="quiet">{t('dossier.area_measured')}</span>
        </div>
      </div>
      <Shares dossier={dossier} tree={tree} />
      <FactGroups dossier={dossier} />
    </>
  );
}

/** Shares are grouped by the layer they were measured over, with that layer's legend colours. */
function Shares({ dossier, tree }: { dossier: Dossier; tree: LayerTree | null }) {
  const { t, own } = useText();
  if (!dossier.shares.length) return null;
  return (
    <section className="shares">
      <h4>
        {t('dossier.class')}
        {dossier.block && <Tag variant="filled">{dossier.block}</Tag>}
        {dossier.class_source && (
          <Tag variant="filled">{t(`dossier.class_source.${dossier.class_source}`)}</Tag>
        )}
        {dossier.straddle && (
          <Tooltip title={t('dossier.straddle_help')}>
            <Tag color="gold" variant="filled" tabIndex={0}>
              {t('dossier.straddle')}
            </Tag>
          </Tooltip>
        )}
      </h4>
      {dossier.shares.map((it) => (
        <div key={`${it.layer} ${it.class}`} className="share">
          <span>{own(it.label)}</span>
          <span className="bar">
            <i style={{ width: barWidth(it.share), background: legendRow(tree, it)?.color ?? '#8a949c' }} />
          </span>
          <span className="figure">{percent(it.share)}</span>
        </div>
      ))}
    </section>
  );
}

function legendRow(tree: LayerTree | null, share: Share): LegendRow | undefined {
  const rows = tree?.layers.find((it) => it.id === share.layer)?.legend ?? [];
  return (
    rows.find((it) => it.match?.values.some((value) => String(value) === share.class)) ??
    rows.find((it) => it.label.zh === share.label.zh)
  );
}
