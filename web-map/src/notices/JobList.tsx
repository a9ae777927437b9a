import { Empty } from 'antd';
import type { Job } from '../api/schema';
import { minute } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { importPath, runPath } from '../state/url';

/** The account's own jobs: those under way, then how the last ones ended. */
export function JobList({ of }: { of: readonly Job[] }) {
  const { t } = useText();
  if (of.length === 0) return <Empty description={t('notices.no_jobs')} />;
  return (
    <ul className="notices">
      {of.map((it) => {
        const path =
          it.run_id !== null ? runPath(it.run_id) : it.batch_id !== null ? importPath(it.batch_id) : null;
        const title = t(`notices.job.${it.kind}`, { defaultValue: it.kind });
        return (
          <li key={it.job_id}>
            <h4>
              <span className={`job-state ${it.state}`}>{t(`notices.job_state.${it.state}`)}</span>
              {path === null ? title : <a href={toPath(path)}>{title}</a>}
            </h4>
            {it.error && <p>{it.error.detail}</p>}
            <p className="quiet">{minute(it.finished_at ?? it.created_at)}</p>
          </li>
        );
      })}
    </ul>
  );
}
