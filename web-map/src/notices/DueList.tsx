import { Empty } from 'antd';
import type { Due } from '../api/inbox';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { casePath } from '../state/url';

/** Milestones that should be reached by the end of this quarter, the late ones first. */
export function DueList({ of, total }: { of: readonly Due[]; total: number }) {
  const { t, own } = useText();
  if (of.length === 0) return <Empty description={t('notices.nothing_due')} />;
  return (
    <>
      <ul className="notices">
        {of.map((it) => (
          <li key={`${it.case_code}/${it.milestone}`}>
            <h4>
              <span className={it.is_overdue ? 'due late' : 'due'}>
                {t(it.is_overdue ? 'notices.late' : 'notices.due')}
              </span>
              {own(it.title)} · {it.quarter}
            </h4>
            <p>
              <a href={toPath(casePath(it.list_id, it.case_code))}>{it.case_code}</a>{' '}
              {it.name ?? it.parcel_code}
            </p>
            <p className="quiet">{[it.responsible_unit, it.person].filter(Boolean).join(' · ') || '–'}</p>
          </li>
        ))}
      </ul>
      {total > of.length && <p className="quiet">{t('notices.more_due', { count: total - of.length })}</p>}
    </>
  );
}
