import { Tag } from 'antd';
import type { Run } from '../api/schema';
import { useText } from '../i18n';

const colours = { draft: 'default', published: 'processing', final: 'success' } as const;

/** Where a run is in its life, and whether the map shows it. */
export function State({ run }: { run: Pick<Run, 'state' | 'shown' | 'chosen'> }) {
  const { t } = useText();
  return (
    <>
      <Tag color={colours[run.state]}>{t(`runs.state.${run.state}`)}</Tag>
      {run.shown && <Tag color="processing">{t(run.chosen ? 'runs.shown_chosen' : 'runs.shown')}</Tag>}
    </>
  );
}
