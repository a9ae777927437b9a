import { Alert, Button, Tag, Timeline } from 'antd';
import { explain } from '../api/explain';
import { useCaseEvents, useWorkflow, type Case, type CaseEvent } from '../api/lists';
import { decimal, minute } from '../format';
import type { Value } from './cells';
import { columns } from './columns';
import { isZero } from './sums';
import { cellText, headingOf, type Say } from './show';

/** All that happened to a case, the latest first: who, when, what before and after, why, and what was counted. */
export function History({ of, say }: { of: Case; say: Say }) {
  const { t, own } = say;
  const events = useCaseEvents(of.case_code);
  const steps = useWorkflow().data?.steps ?? [];
  const all = (events.data?.pages ?? []).flatMap((it) => it.events);
  const title = (it: CaseEvent) => {
    const step = steps.find((one) => one.id === it.step);
    if (it.kind === 'transition' && step) return own(step.title);
    if (it.kind === 'milestone') return `${t(it.step ? 'lists.unreach' : 'lists.reach')} ${station(it)}`;
    return t(`lists.event.${it.kind}`);
  };
  const station = (it: CaseEvent) => {
    const found = say.ways.flatMap((one) => one.milestones).find((one) => one.id === it.milestone);
    return found ? found[say.language] : (it.milestone ?? '');
  };
  return (
    <>
      {events.isError && <Alert type="error" showIcon title={explain(events.error, t)} />}
      <Timeline
        items={all.map((it) => ({
          key: it.event_id,
          content: (
            <div className="event-of">
              <b>{title(it)}</b>{' '}
              {it.kind === 'transition' && it.state_before && it.state_after && (
                <span>
                  {t(`lists.state.${it.state_before}`)} → {t(`lists.state.${it.state_after}`)}
                </span>
              )}{' '}
              {it.area_mu && <span>{t('lists.mu_of', { mu: decimal(it.area_mu, 2) })}</span>}{' '}
              {!isZero(it.counted_mu) && (
                <Tag color={it.counted_mu.startsWith('-') ? 'red' : 'green'}>
                  {t('lists.counts', { mu: decimal(it.counted_mu, 2) })}
                </Tag>
              )}
              <p className="quiet">
                {it.happened_on} · {minute(it.recorded_at)} {it.recorded_by}
              </p>
              {it.reason && <p>{it.reason}</p>}
              {it.document && <p>{t('lists.by_document', { document: it.document })}</p>}
              <Changes of={it} row={of} say={say} />
            </div>
          ),
        }))}
      />
      {events.hasNextPage && (
        <Button onClick={() => void events.fetchNextPage()} loading={events.isFetchingNextPage}>
          {t('lists.older')}
        </Button>
      )}
    </>
  );
}

function Changes({ of, row, say }: { of: CaseEvent; row: Case; say: Say }) {
  const before = (of.before ?? {}) as Record<string, Value>;
  const after = (of.after ?? {}) as Record<string, Value>;
  const text = (id: string, value: Value | undefined) => {
    const column = columns.find((it) => it.id === id);
    return column
      ? cellText({ ...row, reached: {}, [id]: value ?? null }, column, say) || '–'
      : String(value ?? '–');
  };
  return (
    <ul className="changes">
      {Object.keys(after).map((id) => {
        const column = columns.find((it) => it.id === id);
        return (
          <li key={id}>
            <span className="member">{column ? headingOf(column, say) : id}</span>
            <del>{text(id, before[id])}</del> → <ins>{text(id, after[id])}</ins>
          </li>
        );
      })}
    </ul>
  );
}
