import { DownloadOutlined } from '@ant-design/icons';
import { Alert, App, Button, Segmented, Select, type TableColumnsType } from 'antd';
import { useMemo, useState } from 'react';
import { download } from '../api/client';
import { explain } from '../api/explain';
import type { Finding, Import, ImportTarget, Report, Severity } from '../api/schema';
import { fileOf, shapesAtOnce, useFindings, useFindingShapes, type FindingFilter } from '../api/imports';
import type { LayerTree } from '../api/schema';
import { count } from '../format';
import { useText } from '../i18n';
import { LinkedRows } from './LinkedRows';
import { previewKey } from './phase';
import { inLanguage } from './say';
import { boxes, findingLook, named } from './shape-style';

type Props = { it: Import; report: Report; tree: LayerTree | null; target: ImportTarget | null };

/** What is wrong or odd, row by row, beside the place of it. */
export function Findings({ it, report, tree, target }: Props) {
  const { t, own, language } = useText();
  const { message } = App.useApp();
  const [filter, setFilter] = useState<FindingFilter>({ severity: null, rule: null });
  const [chosen, setChosen] = useState<string | null>(null);
  const seen = previewKey(it);
  const findings = useFindings(it.batch_id, seen, filter);
  const spatial = target?.geometry != null;
  const total = report.issues.reduce((sum, group) => sum + group.count, 0);
  const few = total <= shapesAtOnce;
  const fetched = useFindingShapes(it.batch_id, seen, spatial && few);
  const loaded = findings.data;
  const shapes = useMemo(() => {
    if (few) return fetched.data ? named(fetched.data) : null;
    const rows = loaded?.pages.flatMap((page) => page.issues) ?? [];
    return boxes(rows.map((row) => ({ shape: shapeOf(row), bbox: row.bbox, properties: { ...row } })));
  }, [few, fetched.data, loaded]);
  const rules = new Map(report.issues.map((group) => [group.rule, own(group.title)]));
  // Findings name the column of the file; which field that is helps whoever does not know the file.
  const titleOf = (name: string | null) => {
    const mapped = report.mapping.find((one) => one.header === name);
    const field = target?.fields.find((one) => one.name === (mapped?.field ?? name));
    return field && own(field.title) !== name ? own(field.title) : null;
  };
  const fetchFile = async (name: string) => {
    try {
      await download(fileOf(it.batch_id, name), `import-${it.batch_id}-${name}`);
    } catch (error) {
      message.error(explain(error, t), 8);
    }
  };
  const columns: TableColumnsType<Finding> = [
    {
      title: t('import.severity_label'),
      dataIndex: 'severity',
      width: 84,
      render: (severity: Severity) => (
        <span className={`severity ${severity}`}>{t(`import.severity.${severity}`)}</span>
      ),
    },
    { title: t('import.row'), dataIndex: 'row', width: 76, align: 'right', render: count },
    {
      title: t('import.field'),
      key: 'field',
      width: 150,
      className: 'wrap',
      render: (_, it) => (
        <>
          {it.field} {titleOf(it.field) && <span className="quiet">{titleOf(it.field)}</span>}
          {it.value !== null && <code className="value">{it.value}</code>}
        </>
      ),
    },
    {
      title: t('import.what'),
      key: 'what',
      className: 'wrap',
      render: (_, it) => (
        <>
          <b>{rules.get(it.rule) ?? it.rule}</b>{' '}
          {inLanguage(it.message, language) !== rules.get(it.rule) && inLanguage(it.message, language)}
          {it.mend && (
            <span className="quiet mend-text">
              {t('import.mend')} {inLanguage(it.mend, language)}
            </span>
          )}
        </>
      ),
    },
  ];
  if (total === 0) {
    return <Alert type="success" showIcon title={t('import.no_findings')} />;
  }
  return (
    <>
      <div className="toolbar">
        <Segmented<Severity | 'all'>
          aria-label={t('import.filter_severity')}
          value={filter.severity ?? 'all'}
          onChange={(it) => setFilter({ severity: it === 'all' ? null : it, rule: null })}
          options={(['all', 'error', 'warning'] as const).map((value) => ({
            value,
            label: t(`import.severity.${value}`),
          }))}
        />
        <Select<string | null>
          className="rule-select"
          aria-label={t('import.filter_rule')}
          value={filter.rule}
          onChange={(rule) => setFilter({ ...filter, rule })}
          options={[
            { value: null, label: t('import.any_rule') },
            ...report.issues
              .filter((it) => filter.severity === null || it.severity === filter.severity)
              .map((it) => ({ value: it.rule, label: `${own(it.title)} (${count(it.count)})` })),
          ]}
        />
        <span className="spring" />
        <Button icon={<DownloadOutlined />} onClick={() => void fetchFile('issues.xlsx')}>
          {t('import.as_xlsx')}
        </Button>
        {spatial && (
          <Button icon={<DownloadOutlined />} onClick={() => void fetchFile('issues.geojson')}>
            {t('import.as_geojson')}
          </Button>
        )}
      </div>
      <LinkedRows<Finding>
        shapeOf={shapeOf}
        columns={columns}
        rows={findings}
        list={listed}
        look={findingLook}
        titles={{ error: t('import.severity.error'), warning: t('import.severity.warning') }}
        shapes={shapes}
        shapesFailed={
          fetched.isError ? { error: fetched.error, refetch: () => void fetched.refetch() } : null
        }
        shapesNote={few ? null : t('import.boxes_only')}
        tree={spatial ? tree : null}
        into={report.into}
        chosen={chosen}
        onChoose={setChosen}
        empty={t('import.no_findings_like_that')}
        nameOf={(it) => `${rules.get(it.rule) ?? it.rule} ${it.row ?? ''}`}
      />
    </>
  );
}

const shapeOf = (it: Finding) => String(it.issue_id);
const listed = (page: object) => ('issues' in page ? (page.issues as Finding[]) : []);
