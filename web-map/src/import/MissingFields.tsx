import { Select } from 'antd';
import type { TargetField } from '../api/schema';
import { useText } from '../i18n';
import type { ColumnRow } from './columns';

type Props = {
  missing: readonly TargetField[];
  /** Columns that no field takes yet. */
  free: readonly ColumnRow[];
  disabled: boolean;
  onChoose: (field: string, header: string) => void;
};

/** Without these no row is taken, so they come before everything else. */
export function MissingFields({ missing, free, disabled, onChoose }: Props) {
  const { t, own } = useText();
  if (missing.length === 0) return null;
  return (
    <section className="missing-fields" aria-label={t('import.missing_fields')}>
      <h4>{t('import.missing_fields')}</h4>
      {missing.map((it) => (
        <div key={it.name} className="upload-row">
          <label htmlFor={`missing-${it.name}`}>{own(it.title)}</label>
          <Select<string>
            id={`missing-${it.name}`}
            className="target-select"
            placeholder={t('import.choose_column')}
            showSearch
            disabled={disabled}
            value={null}
            onChange={(header) => onChoose(it.name, header)}
            options={free.map((row) => ({
              value: row.header,
              label: [row.header, row.samples?.[0]].filter(Boolean).join(' · '),
            }))}
          />
        </div>
      ))}
    </section>
  );
}
