import { Tag } from 'antd';
import { useText } from '../i18n';

/** A grade by letter and colour; without one in words. */
export function Grade({ grade }: { grade: string | null }) {
  const { t } = useText();
  if (grade === null) return <span className="quiet">{t('runs.ungraded')}</span>;
  return <Tag className={`grade ${grade}`}>{grade}</Tag>;
}
