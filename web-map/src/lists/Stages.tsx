import { Steps, Tag } from 'antd';
import type { Say } from './show';

const stages = ['candidate', 'verified', 'listed', 'in_progress', 'accepted', 'closed'];

/** 查找 to 销号, and where the case stands. What was removed stands nowhere. */
export function Stages({ state, held, say }: { state: string; held: boolean; say: Say }) {
  const { t } = say;
  const at = stages.indexOf(state);
  return (
    <div className="stages">
      <Steps
        size="small"
        titlePlacement="vertical"
        current={at}
        items={stages.map((it) => ({ title: t(`lists.state.${it}`) }))}
      />
      {state === 'removed' && <Tag color="default">{t('lists.state.removed')}</Tag>}
      {held && <Tag color="orange">{t('lists.held_label')}</Tag>}
    </div>
  );
}
