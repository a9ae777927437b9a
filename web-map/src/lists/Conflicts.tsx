import { Button } from 'antd';
import { minute } from '../format';
import { columnAt, columns, type Column } from './columns';
import type { Value } from './cells';
import { cellText, headingOf, type Say } from './show';
import type { Conflict } from './sheet';
import { choose, useStore } from './store';

/** Cells that two people wrote at the same time, with both values; nothing is sent until one of them is chosen. */
export function Conflicts({ say, onGo }: { say: Say; onGo: (code: string) => void }) {
  const { t } = say;
  const { sheet } = useStore();
  if (sheet.conflicts.length === 0) return null;
  const shown = (it: Conflict, column: Column, value: Value) => {
    const row = sheet.rows.get(it.code);
    return row ? cellText({ ...row, [it.member]: value }, column, say) || t('lists.empty') : '';
  };
  return (
    <section className="conflicts" aria-label={t('lists.conflicts')} role="alert">
      <h3>{t('lists.conflicts_count', { count: sheet.conflicts.length })}</h3>
      <ul>
        {sheet.conflicts.map((it) => {
          const column = columnAt(columns.findIndex((one) => one.id === it.member));
          return (
            <li key={`${it.code} ${it.member}`}>
              <div>
                <Button type="link" size="small" onClick={() => onGo(it.code)}>
                  {it.code}
                </Button>{' '}
                {headingOf(column, say)}
              </div>
              <Button block onClick={() => choose(it, 'mine')}>
                <span className="choice">
                  <small>{t('lists.mine')}</small>
                  <b>{shown(it, column, it.mine)}</b>
                </span>
              </Button>
              <Button block onClick={() => choose(it, 'theirs')}>
                <span className="choice">
                  <small>{t('lists.theirs', { by: it.by, at: minute(it.at) })}</small>
                  <b>{shown(it, column, it.theirs)}</b>
                </span>
              </Button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
