import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Input, Segmented, Select, Spin, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { download } from '../api/client';
import { explain } from '../api/explain';
import { makeReport, reportKinds, reportPath, useReports, type Report, type ReportKind } from '../api/papers';
import { bytes, minute } from '../format';
import { useText } from '../i18n';
import { isPeriodOf, reportPeriods } from './reports';

/** Briefs and reports of a period: asked for, made by the server, fetched when they are done. */
export function Reports({ today }: { today: string }) {
  const { t } = useText();
  const queries = useQueryClient();
  const found = useReports();
  const [kind, setKind] = useState<ReportKind>('weekly');
  const [period, setPeriod] = useState<string | null>(null);
  const [asOf, setAsOf] = useState('');
  const [format, setFormat] = useState<Report['format']>('docx');
  const periods = reportPeriods(kind, today);
  const chosen = period !== null && isPeriodOf(kind, period) ? period : periods[0];
  const make = useAction(async () => {
    await makeReport({
      kind,
      format,
      ...(chosen ? { period: chosen } : {}),
      ...(asOf ? { as_of: asOf } : {}),
    });
    await queries.invalidateQueries({ queryKey: ['reports'] });
  });
  const columns: TableColumnsType<Report> = [
    {
      title: t('reports.report'),
      key: 'title',
      render: (_, it) => it.title ?? `${t(`reports.kind.${it.kind}`)} ${it.period}`,
    },
    { title: t('targets.as_of'), key: 'as_of', render: (_, it) => minute(it.as_of) ?? '–' },
    { title: t('reports.asked'), key: 'asked', render: (_, it) => minute(it.recorded_at) },
    { title: t('reports.by'), dataIndex: 'recorded_by' },
    { title: t('reports.file'), key: 'file', align: 'right', render: (_, it) => <File it={it} /> },
  ];
  return (
    <section className="card reports" aria-labelledby="reports">
      <h3 id="reports">{t('reports.title')}</h3>
      <div className="toolbar">
        <Segmented
          value={kind}
          onChange={setKind}
          aria-label={t('reports.kind_label')}
          options={reportKinds.map((value) => ({ value, label: t(`reports.kind.${value}`) }))}
        />
        <Select
          value={chosen ?? null}
          onChange={setPeriod}
          aria-label={t('targets.period')}
          className="toolbar-select"
          options={periods.map((value) => ({ value, label: value }))}
        />
        <label>
          {t('targets.as_of')}{' '}
          <Input
            type="date"
            className="as-of"
            max={today}
            value={asOf}
            aria-label={t('reports.as_of')}
            onChange={(event) => setAsOf(event.target.value)}
          />
        </label>
        <Segmented
          value={format}
          onChange={setFormat}
          aria-label={t('reports.format')}
          options={[
            { value: 'docx' as const, label: 'Word' },
            { value: 'pdf' as const, label: 'PDF' },
          ]}
        />
        <Button type="primary" loading={make.busy} onClick={() => make.run()}>
          {t('reports.make')}
        </Button>
      </div>
      {make.failure && <Alert className="failure" type="error" showIcon title={make.failure} />}
      {found.isError && <Alert className="failure" type="error" showIcon title={explain(found.error, t)} />}
      <Table<Report>
        size="small"
        rowKey="report_id"
        columns={columns}
        dataSource={found.data ?? []}
        pagination={false}
        scroll={{ x: 700 }}
        locale={{
          emptyText: found.isPending ? ' ' : <span className="quiet">{t('reports.none')}</span>,
        }}
      />
    </section>
  );
}

function File({ it }: { it: Report }) {
  const { t } = useText();
  const save = useAction(() => download(reportPath(it), `${it.title ?? it.period}.${it.format}`));
  if (it.state === 'failed') return <span className="short">{it.problem ?? t('reports.failed')}</span>;
  if (it.state !== 'done') {
    return (
      <span role="status">
        <Spin size="small" /> {t(`reports.state.${it.state}`)}
      </span>
    );
  }
  return (
    <>
      <Button size="small" onClick={() => save.run()} loading={save.busy}>
        {t('reports.fetch', { format: it.format === 'docx' ? 'Word' : 'PDF' })}
      </Button>
      {it.bytes !== null && <span className="quiet"> {bytes(it.bytes)}</span>}
      {save.failure && <p className="short">{save.failure}</p>}
    </>
  );
}
