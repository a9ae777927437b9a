import { Tag } from 'antd';
import { useText } from '../i18n';

const colours: Readonly<Record<string, string>> = { A: 'green', B: 'blue', C: 'gold', D: 'red' };

/** A grade by letter and colour; without one in words. */
export function Grade({ grade }: { grade: string | null }) {
  const { t } = useText();
  if (grade === null) return <span className="quiet">{t('runs.ungraded')}</span>;
  return <Tag color={colours[grade] ?? 'default'}>{grade}</Tag>;
}
