import { BellOutlined } from '@ant-design/icons';
import { Alert, Badge, Button, Drawer, Tabs } from 'antd';
import { useState } from 'react';
import { explain } from '../api/explain';
import { useDue, useOwnJobs } from '../api/inbox';
import { useNotices } from '../api/notices';
import { useText } from '../i18n';
import { mayImport, reaches, type SignedIn } from '../session/roles';
import { DueList } from './DueList';
import { JobList } from './JobList';
import { NoticeList } from './NoticeList';
import './notices.css';

/** 消息: what the units of the account are told, with how many are new; what falls due; and the account's own jobs. */
export function Inbox({ session }: { session: SignedIn }) {
  const { t } = useText();
  const isAsked = reaches(session.role, 'officer');
  const notices = useNotices(isAsked);
  const [open, setOpen] = useState(false);
  const isSteward = mayImport(session);
  const due = useDue(isAsked && open);
  const jobs = useOwnJobs(session.account, isSteward && open);
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
      <Drawer title={t('notices.title')} open={open} size={460} onClose={() => setOpen(false)}>
        <Tabs
          items={[
            {
              key: 'notices',
              label: counted(t('notices.tab.notices'), unread),
              children: (
                <>
                  {notices.isError && <Alert type="error" showIcon title={explain(notices.error, t)} />}
                  {notices.data && <NoticeList of={notices.data.notices} unread={unread} />}
                </>
              ),
            },
            {
              key: 'due',
              label: counted(t('notices.tab.due'), due.data?.total ?? 0),
              children: (
                <>
                  {due.isError && <Alert type="error" showIcon title={explain(due.error, t)} />}
                  {due.data && <DueList of={due.data.milestones} total={due.data.total} />}
                </>
              ),
            },
            ...(isSteward
              ? [
                  {
                    key: 'jobs',
                    label: t('notices.tab.jobs'),
                    children: (
                      <>
                        {jobs.isError && <Alert type="error" showIcon title={explain(jobs.error, t)} />}
                        {jobs.data && <JobList of={jobs.data} />}
                      </>
                    ),
                  },
                ]
              : []),
          ]}
        />
      </Drawer>
    </>
  );
}

const counted = (label: string, count: number) => (count > 0 ? `${label} ${count}` : label);
