import { Button } from 'antd';
import type { Case, Finding } from '../api/lists';
import { useLayerTree } from '../api/hooks';
import { minute } from '../format';
import { columns } from './columns';
import { Conflicts } from './Conflicts';
import { RowMap } from './RowMap';
import type { Say } from './show';
import { headingOf } from './show';
import { useStore } from './store';

type Props = {
  listId: number;
  current: Case | null;
  findings: readonly Finding[];
  say: Say;
  onGo: (code: string) => void;
};

/** Beside the table: where the row is, what two people wrote, what was refused, what is wrong. */
export function SidePanel({ listId, current, findings, say, onGo }: Props) {
  const { t, own } = say;
  const tree = useLayerTree().data;
  const { sheet } = useStore();
  const said = bySentence(findings, own);
  return (
    <aside className="list-side" aria-label={t('lists.side')}>
      {tree && <RowMap tree={tree} listId={listId} current={current} />}
      <div className="list-notes">
        <Conflicts say={say} onGo={onGo} />
        {sheet.refusals.map((it) => {
          const column = columns.find((one) => one.id === it.member);
          return (
            <div key={`${it.code} ${it.member}`} className="note refusal">
              <Button type="link" size="small" onClick={() => onGo(it.code)}>
                {it.code}
              </Button>
              {column ? headingOf(column, say) : it.member}：{it.why}
            </div>
          );
        })}
        <h3>{t('lists.checks', { count: findings.length })}</h3>
        {findings.length === 0 && <p className="quiet">{t('lists.no_findings')}</p>}
        <ul>
          {said.map(({ text, severity, codes }) => (
            <li key={`${severity} ${text}`} className="note">
              <span className={`severity ${severity}`}>{t(`lists.severity.${severity}`)}</span>
              {text}
              <div className="codes">
                {codes.slice(0, most).map((code) => (
                  <Button key={code} type="link" size="small" onClick={() => onGo(code)}>
                    {code}
                  </Button>
                ))}
                {codes.length > most && (
                  <span className="quiet">{t('lists.more_findings', { count: codes.length - most })}</span>
                )}
              </div>
            </li>
          ))}
        </ul>
        {current && (
          <p className="quiet">
            {t('lists.last_changed', { at: minute(current.recorded_at), by: current.recorded_by })}
          </p>
        )}
      </div>
    </aside>
  );
}

/** Rows of a sentence that are shown; the filter has them all. */
const most = 40;

type Said = { text: string; severity: Finding['severity']; codes: string[] };

/** What is said of several rows is said once, errors first. */
function bySentence(findings: readonly Finding[], own: (text: Finding['text']) => string): Said[] {
  const said = new Map<string, Said>();
  for (const it of findings) {
    const text = own(it.text);
    const key = `${it.severity} ${text}`;
    const known = said.get(key) ?? { text, severity: it.severity, codes: [] };
    if (!known.codes.includes(it.case_code)) known.codes.push(it.case_code);
    said.set(key, known);
  }
  return [...said.values()].sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
}
