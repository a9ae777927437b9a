import { Alert, Tabs } from 'antd';
import { useState } from 'react';
import { useLayerTree } from '../api/hooks';
import type { Import, ImportOptions, ImportTarget, JobError, Report } from '../api/schema';
import { count } from '../format';
import { useText } from '../i18n';
import { ApplyBar } from './ApplyBar';
import { Changes } from './Changes';
import { Detection } from './Detection';
import { Findings } from './Findings';
import { missingFields, rowsOf, sameRows } from './columns';
import { Mapping } from './Mapping';
import { optionsOf } from './options';
import { readTab, tabs, writeTab, type Tab } from './route';
import { Sums } from './Sums';

type Props = {
  it: Import;
  report: Report;
  /** A preview can be corrected and applied; what was applied is only looked at. */
  editable: boolean;
  trouble: JobError | null;
  targets: readonly ImportTarget[];
  busy: boolean;
  onCorrect: (options: ImportOptions) => void;
  onApplied: () => void;
};

/** Everything that a preview found, step by step. */
export function Review({ it, report, editable, trouble, targets, busy, onCorrect, onApplied }: Props) {
  const { t } = useText();
  const tree = useLayerTree().data ?? null;
  const target = targets.find((one) => one.id === report.into) ?? null;
  const options = optionsOf(it);
  const found = rowsOf(report, options?.mapping ?? null);
  const [rows, setRows] = useState(found);
  const missing = target ? missingFields(rows, target, options?.mapping ?? null) : [];
  const number = (severity: string) =>
    report.issues.filter((it) => it.severity === severity).reduce((sum, it) => sum + it.count, 0);
  const [errors, warnings] = [number('error'), number('warning')];
  const [tab, setTab] = useState<Tab>(
    () =>
      readTab(location.search) ?? (missing.length > 0 ? 'mapping' : errors > 0 ? 'findings' : 'detection'),
  );
  const show = (next: Tab) => {
    setTab(next);
    writeTab(next);
  };
  const unsaved = !sameRows(rows, found);
  const of: Record<Tab, { note: string; body: React.ReactNode }> = {
    detection: {
      note: '',
      body: (
        <Detection
          it={it}
          report={report}
          targets={targets}
          busy={busy}
          editable={editable}
          onCorrect={onCorrect}
        />
      ),
    },
    mapping: {
      note: missing.length > 0 ? t('import.missing_short', { count: missing.length }) : '',
      body: (
        <Mapping
          rows={rows}
          missing={missing}
          unsaved={unsaved}
          target={target}
          report={report}
          options={options}
          editable={editable}
          busy={busy}
          onRows={setRows}
          onCorrect={onCorrect}
        />
      ),
    },
    findings: {
      note: t('import.findings_short', { errors: count(errors), warnings: count(warnings) }),
      body: <Findings it={it} report={report} tree={tree} target={target} />,
    },
    changes: {
      note: count(report.rows.added + report.rows.changed) ?? '',
      body: <Changes it={it} report={report} tree={tree} target={target} />,
    },
  };
  return (
    <>
      <Sums report={report} onTab={show} />
      {trouble && (
        <Alert
          className="failure"
          type="error"
          showIcon
          title={t('import.apply_failed')}
          description={<span className="lines">{trouble.detail || trouble.title}</span>}
        />
      )}
      <section className="card tabbed review">
        <Tabs
          activeKey={tab}
          onChange={(key) => show(tabs.find((it) => it === key) ?? 'detection')}
          destroyOnHidden
          items={tabs.map((key, at) => ({
            key,
            label: (
              <>
                <span className="step-number">{at + 1}</span> {t(`import.tab.${key}`)}
                {of[key].note && <span className="step-note"> {of[key].note}</span>}
              </>
            ),
            children: of[key].body,
          }))}
        />
      </section>
      {editable && (
        <ApplyBar
          it={it}
          report={report}
          unsaved={unsaved}
          busy={busy}
          onApplied={onApplied}
          onAgain={options === null ? null : () => onCorrect(options)}
        />
      )}
    </>
  );
}
