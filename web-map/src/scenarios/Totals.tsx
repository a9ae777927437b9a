import type { Preview, PreviewFigures } from '../api/schema';
import { decimal } from '../format';
import { useText } from '../i18n';
import { difference } from './figures';

/** The low-efficiency land under these thresholds, and by how much that differs from what the run found. */
export function Totals({ preview, isStale }: { preview: Preview; isStale: boolean }) {
  const { t } = useText();
  const { before, after } = preview;
  const figures: [string, (it: PreviewFigures) => string | null, number][] = [
    ['low_parcels', (it) => String(it.parcels), 0],
    ['low_mu', (it) => it.area_mu ?? '0', 1],
    ['low_tax', (it) => it.tax_wan, 1],
    ['low_energy', (it) => it.energy_tce, 1],
    ['low_enterprises', (it) => it.enterprises, 0],
  ];
  return (
    <section
      className={isStale ? 'card totals stale' : 'card totals'}
      aria-label={t('scenarios.low')}
      aria-busy={isStale}
    >
      <dl>
        {figures.map(([name, of, places]) => (
          <div key={name}>
            <dt>{t(`scenarios.${name}`)}</dt>
            <dd className="total">{decimal(of(after.low), places, true) ?? '—'}</dd>
            <dd>
              <Change by={difference(of(before.low), of(after.low))} places={places} />
            </dd>
          </div>
        ))}
        <div>
          <dt>{t('scenarios.unknown_parcels')}</dt>
          <dd className="total">{decimal(after.unknown.parcels, 0)}</dd>
          <dd>
            <Change by={String(after.unknown.parcels - before.unknown.parcels)} places={0} />
          </dd>
        </div>
      </dl>
      <p className="quiet small">
        {t(preview.rows === 'own_units' ? 'scenarios.own_units' : 'scenarios.all_units', {
          run: preview.run_id,
          year: preview.year,
        })}
      </p>
    </section>
  );
}

export function Change({ by, places }: { by: string | null; places: number }) {
  const { t } = useText();
  if (by === null) return <span className="quiet">—</span>;
  if (Number(by) === 0) return <span className="quiet">{t('scenarios.unchanged')}</span>;
  const text = decimal(by, places, true);
  return (
    <span className={by.startsWith('-') ? 'less' : 'more'}>{by.startsWith('-') ? text : `+${text}`}</span>
  );
}
