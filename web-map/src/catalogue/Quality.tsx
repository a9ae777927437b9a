import { Alert, Skeleton } from 'antd';
import { explain } from '../api/explain';
import type { Field, Layer } from '../api/schema';
import { usePresence } from '../api/stats';
import { completeness, overall, type Fact } from '../board/presence';
import { barWidth, count, percent, unitName } from '../format';
import { useText } from '../i18n';
import { heldBack } from '../layers/access';

/** Of every field the rows that have a value. What this session may not read of all rows is not counted, and said. */
export function Quality({ layer }: { layer: Layer }) {
  const { t, own, language } = useText();
  const counted = layer.fields.filter((it) => it.readable && !it.within_units);
  const held = heldBack(layer);
  const heldCount = held.withinUnits.length + held.byRole.reduce((sum, it) => sum + it.fields.length, 0);
  const found = usePresence(
    layer.id,
    counted.map((it) => it.name),
    null,
  );
  const rows = found.data ? completeness(found.data, null, counted).rows : [];
  const unit = (it: Field) => unitName(it.unit, language);
  return (
    <section className="card" aria-labelledby="sheet-quality">
      <div className="card-head">
        <h3 id="sheet-quality">{t('catalogue.quality')}</h3>
        {found.data && <span>{t('catalogue.overall', { share: percent(overall(rows)) ?? '–' })}</span>}
      </div>
      {heldCount > 0 && <p className="quiet">{t('catalogue.held', { count: heldCount })}</p>}
      {found.isError && <Alert type="error" showIcon title={explain(found.error, t)} />}
      {found.isPending && counted.length > 0 && <Skeleton active />}
      {rows.length > 0 && (
        <table className="presence">
          <thead>
            <tr>
              <th>{t('catalogue.field')}</th>
              <th aria-hidden="true" />
              <th>{t('catalogue.known')}</th>
              <th>{t('catalogue.missing')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((it) => (
              <Present key={it.field.name} of={it} title={own(it.field.title)} unit={unit(it.field)} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Present({ of, title, unit }: { of: Fact; title: string; unit: string }) {
  const { known, rows } = of.total;
  const share = rows > 0 ? known / rows : null;
  return (
    <tr>
      <th scope="row">
        {title}
        {unit && <span className="quiet"> {unit}</span>} <code className="quiet">{of.field.name}</code>
      </th>
      <td className="bar-cell" aria-hidden="true">
        <i style={{ width: barWidth(share) }} />
      </td>
      <td>{percent(share) ?? '–'}</td>
      <td>{count(rows - known)}</td>
    </tr>
  );
}
