import type { ReactNode } from 'react';
import { Tag, Tooltip } from 'antd';
import type { Dossier, LayerTree, LegendRow, Share } from '../api/schema';
import { barWidth, count, date, decimal, percent } from '../format';
import { useText } from '../i18n';
import { Fact, Facts, Figure } from './figures';

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
          <span className="quiet">{t(`dossier.basis.${dossier.area_basis}`)}</span>
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
      <Facts rows={useRows(dossier)} />
    </>
  );
}

function useRows(it: Dossier): [string, ReactNode][] {
  const { t } = useText();
  const text = (title: string, name: keyof Dossier, value: string | null): [string, ReactNode] => [
    title,
    <Fact name={name}>{value}</Fact>,
  ];
  const built = it.buildings;
  return [
    text(t('dossier.town'), 'town', it.town),
    text(t('dossier.unit'), 'responsible_unit', it.responsible_unit),
    text(t('dossier.address'), 'address', it.address),
    text(t('dossier.ownership'), 'ownership', it.ownership),
    text(t('dossier.tenure'), 'tenure', it.tenure),
    text(t('dossier.status'), 'status', it.status),
    text(t('dossier.land_use'), 'land_use_code', it.land_use_code),
    text(t('dossier.industry'), 'industry_code', it.industry_code),
    [t('dossier.far'), <Figure name="far" value={it.far} unit="ratio" />],
    [t('dossier.gfa'), <Figure name="gfa_m2" value={it.gfa_m2} unit="m2" />],
    [
      t('dossier.building_count'),
      <Fact name="building_count">{built && t('dossier.building_unit', { count: count(built.count) })}</Fact>,
    ],
    [t('dossier.floor_area'), <Figure name="floor_area_m2" value={built?.floor_area_m2} unit="m2" />],
    [t('dossier.footprint'), <Figure name="footprint_m2" value={built?.footprint_m2} unit="m2" />],
    [t('dossier.vacant'), <Figure name="vacant_area_m2" value={built?.vacant_area_m2} unit="m2" />],
    [t('dossier.source'), <Source dossier={it} />],
  ];
}

function Source({ dossier }: { dossier: Dossier }) {
  const { t } = useText();
  const source = dossier.source;
  const parts = [
    source?.file,
    source?.imported_at ? t('dossier.imported', { date: date(source.imported_at) }) : null,
    source?.recorded_by ? t('dossier.by', { who: source.recorded_by }) : null,
  ].filter(Boolean);
  return <Fact name="source">{parts.join(' · ')}</Fact>;
}

/** Shares are grouped by the layer they were measured over, with that layer's legend colours. */
function Shares({ dossier, tree }: { dossier: Dossier; tree: LayerTree | null }) {
  const { t, own } = useText();
  if (!dossier.shares?.length) return null;
  return (
    <section className="shares">
      <h4>
        {t('dossier.class')}
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
