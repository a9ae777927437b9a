import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Empty } from 'antd';
import type { MouseEvent } from 'react';
import { aboutOf } from './about';
import { useAction } from '../api/action';
import { readNotice, readNotices, type Notice } from '../api/notices';
import { minute } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';

/** Notices, the newest first. */
export function NoticeList({ of, unread }: { of: readonly Notice[]; unread: number }) {
  const { t } = useText();
  const queries = useQueryClient();
  const latest = of.reduce((most, it) => Math.max(most, it.notice_id), 0);
  const done = () => queries.invalidateQueries({ queryKey: ['notices'] });
  const readAll = useAction(async () => {
    await readNotices(latest);
    await done();
  });
  const readOne = useAction(async (noticeId: number) => {
    await readNotice(noticeId);
    await done();
  });
  if (of.length === 0) return <Empty description={t('notices.none')} />;
  const failure = readAll.failure ?? readOne.failure;
  return (
    <>
      <div className="notices-head">
        <span role="status">{t('notices.unread', { count: unread })}</span>
        <Button size="small" disabled={unread === 0} loading={readAll.busy} onClick={() => readAll.run()}>
          {t('notices.read_all')}
        </Button>
      </div>
      {failure && <Alert type="error" showIcon title={failure} />}
      <ul className="notices">
        {of.map((it) => (
          <Row key={it.notice_id} it={it} onRead={() => readOne.run(it.notice_id)} />
        ))}
      </ul>
    </>
  );
}

function Row({ it, onRead }: { it: Notice; onRead: () => void }) {
  const { t, own } = useText();
  const isNew = it.read_at === null;
  const about = aboutOf(it.detail);
  const href = toPath(about?.path ?? '/');
  /** Leaving the page would cut the request off. */
  const open = async (event: MouseEvent) => {
    if (!isNew || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    await readNotice(it.notice_id).catch(() => null);
    location.assign(href);
  };
  return (
    <li className={isNew ? 'new' : undefined}>
      <h4>
        {isNew && <span className="dot" title={t('notices.new')} />}
        {own(it.title)}
      </h4>
      <p>{own(it.text)}</p>
      <p className="quiet">
        {minute(it.created_at)}
        {it.responsible_unit && ` · ${it.responsible_unit}`}
      </p>
      <p className="notice-actions">
        {about && (
          <a href={href} onClick={(event) => void open(event)}>
            {t(`notices.${about.says}`)}
          </a>
        )}
        {isNew && (
          <Button type="link" size="small" onClick={onRead}>
            {t('notices.read')}
          </Button>
        )}
      </p>
    </li>
  );
}
