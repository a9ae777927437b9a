import { Alert, Button, Select, Table, type TableColumnsType } from 'antd';
import type { ImportOptions, ImportTarget, Report, TargetField } from '../api/schema';
import { useText } from '../i18n';
import { how } from './Detection';
import { choose, chooseUnit, rowsOf, toMapping, type ColumnRow } from './columns';
import { MissingFields } from './MissingFields';
import { corrected } from './options';

type Props = {
  rows: ColumnRow[];
  missing: TargetField[];
  unsaved: boolean;
  target: ImportTarget | null;
  report: Report;
  options: ImportOptions | null;
  editable: boolean;
  busy: boolean;
  onRows: (rows: ColumnRow[]) => void;
  onCorrect: (options: ImportOptions) => void;
};

const kept = '';

/** Every column of the file, with what is in it, and the field that it fills. */
export function Mapping(props: Props) {
  const { rows, missing, unsaved, target, report, options, editable, busy, onRows, onCorrect } = props;
  const { t, own } = useText();
  const can = editable && target !== null && options !== null;
  const fieldOf = (name: string | null) => target?.fields.find((it) => it.name === name);
  const titleOf = (name: string) => {
    const field = fieldOf(name);
    return field ? own(field.title) : name;
  };
  const columns: TableColumnsType<ColumnRow> = [
    {
      title: t('import.column'),
      dataIndex: 'header',
      className: 'wrap',
      width: 200,
      render: (it: string) => <b>{it}</b>,
    },
    {
      title: t('import.samples'),
      key: 'samples',
      className: 'wrap',
      render: (_, it) =>
        it.samples && it.samples.length > 0 ? (
          <span className="samples">
            {it.samples.map((text, at) => (
              <code key={`${at} ${text}`}>{text}</code>
            ))}
          </span>
        ) : (
          <span className="quiet">{it.samples ? t('import.no_samples') : '–'}</span>
        ),
    },
    {
      title: t('import.fills'),
      key: 'field',
      width: 280,
      render: (_, it) =>
        can ? (
          <Select<string>
            className="wide-select"
            aria-label={t('import.fills_of', { column: it.header })}
            showSearch={{ optionFilterProp: 'words' }}
            disabled={busy}
            value={it.field ?? kept}
            onChange={(to) => onRows(choose(rows, it.header, to === kept ? null : to))}
            options={[
              { value: kept, label: t('import.keep_extra'), words: t('import.keep_extra') },
              ...target.fields.map((field) => ({
                value: field.name,
                label: `${own(field.title)}${field.required ? ' *' : ''}`,
                words: `${field.title.zh} ${field.title.en} ${field.name}`,
              })),
            ]}
          />
        ) : it.field ? (
          [it.field, ...it.also.map((one) => one.field)].map(titleOf).join('、')
        ) : (
          <span className="quiet">{t('import.keep_extra')}</span>
        ),
    },
    {
      title: t('import.unit'),
      key: 'unit',
      width: 150,
      render: (_, it) => {
        const units = fieldOf(it.field)?.units ?? [];
        if (!can || units.length === 0) return it.unit ?? <span className="quiet">–</span>;
        return (
          <Select<string>
            className="wide-select"
            aria-label={t('import.unit_of', { column: it.header })}
            disabled={busy}
            value={it.unit ?? kept}
            onChange={(unit) => onRows(chooseUnit(rows, it.header, unit === kept ? null : unit))}
            options={[
              { value: kept, label: t('import.unit_own', { unit: units[0] }) },
              ...[...new Set([...(it.unit ? [it.unit] : []), ...units])].map((unit) => ({
                value: unit,
                label: unit,
              })),
            ]}
          />
        );
      },
    },
    {
      title: t('import.how_found'),
      key: 'how',
      width: 130,
      render: (_, it) =>
        it.how ? (
          <>
            {how(it.how, t)}
            {it.also.map((one) => (
              <span key={one.field} className="quiet also">
                {t('import.also', { field: titleOf(one.field) })}
              </span>
            ))}
          </>
        ) : (
          <span className="quiet">{it.field ? t('import.how.person') : '–'}</span>
        ),
    },
  ];
  return (
    <>
      {report.remembered && (
        <Alert
          className="failure"
          type="info"
          showIcon
          title={t('import.remembered', {
            file: report.remembered.file,
            batch: report.remembered.batch_id ?? '–',
          })}
          description={unsaved && t('import.remembered_lost')}
        />
      )}
      <MissingFields
        missing={missing}
        free={rows.filter((it) => it.field === null)}
        disabled={!can || busy}
        onChoose={(field, header) => onRows(choose(rows, header, field))}
      />
      <Table<ColumnRow>
        size="small"
        tableLayout="fixed"
        rowKey="header"
        scroll={{ x: 980 }}
        columns={columns}
        dataSource={rows}
        pagination={false}
      />
      {can && (
        <div className="mapping-end">
          <Button
            type="primary"
            disabled={!unsaved}
            loading={busy}
            onClick={() =>
              onCorrect(corrected(options, { mapping: toMapping(rows, options.mapping ?? null) }))
            }
          >
            {t('import.preview_mapped')}
          </Button>
          <Button
            disabled={!unsaved || busy}
            onClick={() => onRows(rowsOf(report, options?.mapping ?? null))}
          >
            {t('import.take_back')}
          </Button>
          {options.mapping != null && (
            <Button
              type="link"
              disabled={busy}
              onClick={() => onCorrect(corrected(options, { mapping: null }))}
            >
              {t('import.mapping_by_itself')}
            </Button>
          )}
        </div>
      )}
    </>
  );
}
