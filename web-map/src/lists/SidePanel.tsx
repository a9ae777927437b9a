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
  const worst = [...findings].sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
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
          {worst.slice(0, 200).map((it, nth) => (
            <li key={nth} className="note">
              <Button type="link" size="small" onClick={() => onGo(it.case_code)}>
                {it.case_code}
              </Button>
              <span className={`severity ${it.severity}`}>{t(`lists.severity.${it.severity}`)}</span>
              {own(it.text)}
            </li>
          ))}
        </ul>
        {worst.length > 200 && (
          <p className="quiet">{t('lists.more_findings', { count: worst.length - 200 })}</p>
        )}
        {current && (
          <p className="quiet">
            {t('lists.last_changed', { at: minute(current.recorded_at), by: current.recorded_by })}
          </p>
        )}
      </div>
    </aside>
  );
}
