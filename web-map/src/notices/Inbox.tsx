import { BellOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Alert, Badge, Button, Drawer, Empty } from 'antd';
import { useState, type MouseEvent } from 'react';
import { useAction } from '../api/action';
import { explain } from '../api/explain';
import { readNotice, readNotices, useNotices, type Notice } from '../api/notices';
import type { Session } from '../api/schema';
import { minute } from '../format';
import { useText } from '../i18n';
import { reaches } from '../session/roles';
import { toPath } from '../state/base';
import { runPath } from '../state/url';
import './notices.css';

/** 消息: what the units of the account are told, with how many are new. */
export function Inbox({ session }: { session: Session }) {
  const { t } = useText();
  const isAsked = session.account !== null && reaches(session.role, 'officer');
  const notices = useNotices(isAsked);
  const [open, setOpen] = useState(false);
  if (!isAsked) return null;
  const unread = notices.data?.unread ?? 0;
  return (
    <>
      <Badge count={unread} size="small" overflowCount={99} offset={[-5, 9]}>
        <Button
          type="text"
          icon={<BellOutlined />}
          title={t('notices.title')}
          aria-label={t(unread > 0 ? 'notices.open_unread' : 'notices.open', { count: unread })}
          onClick={() => setOpen(true)}
        />
      </Badge>
      <Drawer title={t('notices.title')} open={open} size={420} onClose={() => setOpen(false)}>
        {notices.isError && <Alert type="error" showIcon title={explain(notices.error, t)} />}
        {notices.data && <List of={notices.data.notices} unread={unread} />}
      </Drawer>
    </>
  );
}

function List({ of, unread }: { of: readonly Notice[]; unread: number }) {
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
  const runId = runOf(it.detail);
  const href = toPath(`${runPath(runId ?? 0)}?tab=hits`);
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
        {runId !== null && (
          <a href={href} onClick={(event) => void open(event)}>
            {t('notices.to_hits')}
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

/** The run that a notice is about, if it is about one. */
function runOf(detail: unknown): number | null {
  if (typeof detail !== 'object' || detail === null || !('run_id' in detail)) return null;
  return typeof detail.run_id === 'number' ? detail.run_id : null;
}
