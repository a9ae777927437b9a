import type { Scheme } from '../api/schema';
import { date } from '../format';
import { useText } from '../i18n';

/** The saved versions of a scheme, with their days and documents; nothing where there is only the file. */
export function SchemeVersions({ scheme }: { scheme: Scheme }) {
  const { t } = useText();
  const saved = scheme.versions.filter((it) => it.version > 0);
  if (saved.length === 0) return null;
  return (
    <table className="table scheme-versions">
      <thead>
        <tr>
          <th>{t('runs.version')}</th>
          <th>{t('runs.valid_from')}</th>
          <th>{t('runs.valid_to')}</th>
          <th>{t('runs.document')}</th>
          <th>{t('runs.recorded')}</th>
        </tr>
      </thead>
      <tbody>
        {saved.map((it) => (
          <tr key={it.version} aria-current={it.version === scheme.version ? 'true' : undefined}>
            <th scope="row">{t('runs.version_no', { version: it.version })}</th>
            <td>{it.valid_from}</td>
            <td>{it.valid_to ?? '–'}</td>
            <td>{it.document}</td>
            <td>
              {date(it.recorded_at)} <span className="quiet">{it.recorded_by}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
