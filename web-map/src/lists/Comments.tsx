import { Alert, Button, Input } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { noteEvent, useCaseEvents, type Case } from '../api/lists';
import { minute } from '../format';
import { useText } from '../i18n';
import type { OnDone } from './CaseDrawer';

type Props = { of: Case; isClosed: boolean; onDone: OnDone };

/** What units and district say to each other of a case. */
export function Comments({ of, isClosed, onDone }: Props) {
  const { t } = useText();
  const events = useCaseEvents(of.case_code);
  const [text, setText] = useState('');
  const say = useAction(async () => {
    await onDone((await noteEvent(of, { kind: 'comment', text: text.trim() })).case);
    setText('');
  });
  const comments = (events.data?.pages ?? [])
    .flatMap((it) => it.events)
    .filter((it) => it.kind === 'comment');
  return (
    <div className="stacked">
      {!isClosed && (
        <div className="comment">
          <Input.TextArea
            rows={2}
            maxLength={2000}
            value={text}
            onChange={(event) => setText(event.target.value)}
            placeholder={t('lists.comment')}
            aria-label={t('lists.comment')}
          />
          <Button type="primary" disabled={text.trim() === ''} loading={say.busy} onClick={() => say.run()}>
            {t('lists.send')}
          </Button>
          <span className="quiet">{t('lists.comment_stays')}</span>
        </div>
      )}
      {say.failure && <Alert type="error" showIcon title={say.failure} />}
      {comments.length === 0 && !events.isPending && <p className="quiet">{t('lists.no_comments')}</p>}
      <ul className="comments">
        {comments.map((it) => (
          <li key={it.event_id}>
            <span className="quiet">
              {minute(it.recorded_at)} {it.recorded_by}
            </span>
            <p>{it.reason}</p>
          </li>
        ))}
      </ul>
      {events.hasNextPage && (
        <Button onClick={() => void events.fetchNextPage()} loading={events.isFetchingNextPage}>
          {t('lists.older')}
        </Button>
      )}
    </div>
  );
}
