import type { Report } from '../api/schema';
import { count, quantity } from '../format';
import { useText } from '../i18n';
import type { Tab } from './route';

/** What became of the rows, in one line; figures that have a list lead to it. */
export function Sums({ report, onTab }: { report: Report; onTab: (tab: Tab) => void }) {
  const { t, language } = useText();
  const { rows, areas } = report;
  const figures: { key: string; value: number; tab: Tab | null; always: boolean }[] = [
    { key: 'read', value: rows.read, tab: null, always: true },
    { key: 'added', value: rows.added, tab: 'changes', always: true },
    { key: 'changed', value: rows.changed, tab: 'changes', always: true },
    { key: 'unchanged', value: rows.unchanged, tab: null, always: true },
    { key: 'not_in_file', value: rows.not_in_file, tab: 'changes', always: true },
    { key: 'removed', value: rows.removed, tab: 'changes', always: false },
    { key: 'rejected', value: rows.rejected, tab: 'findings', always: true },
    { key: 'repaired', value: rows.repaired, tab: 'findings', always: false },
    { key: 'merged', value: rows.merged, tab: null, always: false },
    { key: 'passed_over', value: rows.passed_over, tab: null, always: false },
  ];
  return (
    <dl className="sums">
      {figures
        .filter((it) => it.always || it.value > 0)
        .map((it) => (
          <div key={it.key} className={it.value > 0 ? it.key : 'none'}>
            <dt>{t(`import.rows_of_kind.${it.key}`)}</dt>
            <dd>
              {it.tab !== null && it.value > 0 ? (
                <button type="button" onClick={() => it.tab && onTab(it.tab)}>
                  {count(it.value)}
                </button>
              ) : (
                count(it.value)
              )}
            </dd>
          </div>
        ))}
      {areas && areas.accepted_m2 > 0 && (
        <div>
          <dt>{t('import.accepted_area')}</dt>
          <dd>{quantity(areas.accepted_m2 * 0.0015, 'mu', language)}</dd>
        </div>
      )}
    </dl>
  );
}
