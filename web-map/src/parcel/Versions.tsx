import { Alert, Skeleton } from 'antd';
import { explain } from '../api/explain';
import { useParcelHistory } from '../api/hooks';
import type { ParcelHistory } from '../api/schema';
import { date, decimal } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { dossierPath } from '../state/url';

/** The register's versions of the parcel, and what it came from and went to. */
export function Versions({ parcelCode }: { parcelCode: string }) {
  const { t } = useText();
  const found = useParcelHistory(parcelCode);
  if (found.isPending) return <Skeleton active paragraph={{ rows: 3 }} />;
  if (found.isError) return <Alert type="error" showIcon title={explain(found.error, t)} />;
  const { versions, parents, children, more } = found.data;
  return (
    <>
      <ol className="versions">
        {versions.map((it) => (
          <Version key={it.row_id} it={it} />
        ))}
      </ol>
      {more && <p className="quiet">{t('dossier.more_versions')}</p>}
      <Relatives title={t('dossier.parents')} of={parents} />
      <Relatives title={t('dossier.children')} of={children} />
    </>
  );
}

function Version({ it }: { it: ParcelHistory['versions'][number] }) {
  const { t, own } = useText();
  const changed = it.changed ?? [];
  const outline = Number(it.outline_changed_m2 ?? 0);
  return (
    <li>
      <time dateTime={it.recorded_at}>{date(it.recorded_at)}</time>
      <div>
        <div>
          {it.changed === null ? t('dossier.first_version') : null}
          {changed.length > 0 && (
            <ul className="changes">
              {changed.map((of) => (
                <li key={of.field}>
                  {own(of.title)} {of.before ?? t('dossier.missing')} → {of.after ?? t('dossier.missing')}
                </li>
              ))}
            </ul>
          )}
          {outline > 0 && <> {t('dossier.outline_changed', { m2: decimal(it.outline_changed_m2, 0) })}</>}
          {it.changed !== null && changed.length === 0 && outline === 0 && t('dossier.unchanged')}
        </div>
        <p className="quiet small">
          {[
            it.valid_from && t('dossier.valid_from', { date: it.valid_from }),
            it.valid_to && t('dossier.valid_to', { date: it.valid_to }),
            it.file ?? t('dossier.typed_in'),
            it.recorded_by && t('dossier.by', { who: it.recorded_by }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
    </li>
  );
}

function Relatives({ title, of }: { title: string; of: ParcelHistory['parents'] }) {
  const { t } = useText();
  if (of.length === 0) return null;
  return (
    <p>
      {title}{' '}
      {of.map((it) => (
        <span key={it.parcel_id}>
          <a href={toPath(dossierPath(it.parcel_code))}>{it.parcel_code}</a>{' '}
          <span className="quiet">
            {t(`dossier.descent.${it.kind}`)} {it.happened_on}
          </span>{' '}
        </span>
      ))}
    </p>
  );
}
