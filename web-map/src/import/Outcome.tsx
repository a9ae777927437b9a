import { Alert, Button } from 'antd';
import { useLayerTree } from '../api/hooks';
import type { Import } from '../api/schema';
import { count, minute } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { emptyView, writeView } from '../state/url';
import { cameraOf } from './camera';
import type { Phase } from './phase';
import { UndoButton } from './UndoButton';

type Props = { it: Import; phase: Extract<Phase, { is: 'applied' | 'undone' }>; onQueued: () => void };

/** What was written, where to see it, and the way back. */
export function Outcome({ it, phase, onQueued }: Props) {
  const { t } = useText();
  const layer = useLayerTree().data?.layers.find((one) => one.id === it.into);
  if (it.undoes !== null) {
    return (
      <Alert
        className="failure"
        type="info"
        showIcon
        title={t('import.undoing_of', { batch: it.undoes })}
        description={minute(it.applied_at)}
      />
    );
  }
  if (phase.is === 'undone') {
    return (
      <Alert
        className="failure"
        type="info"
        showIcon
        title={t('import.was_undone')}
        description={it.undone_by_batch !== null && t('import.undone_by', { batch: it.undone_by_batch })}
      />
    );
  }
  const bounds = layer?.data.bounds;
  const view = layer && writeView({ ...emptyView, layers: { [layer.id]: { visible: true, opacity: 1 } } });
  const rows = phase.report?.rows;
  return (
    <>
      <Alert
        className="failure outcome"
        type="success"
        showIcon
        title={t('import.was_applied', { time: minute(it.applied_at) })}
        description={
          rows &&
          t('import.counts_line', {
            added: count(rows.added),
            changed: count(rows.changed),
            unchanged: count(rows.unchanged),
            rejected: count(rows.rejected),
          })
        }
        action={
          <div className="outcome-actions">
            {layer && (
              <Button type="primary" href={toPath(`/${view}${bounds ? cameraOf(bounds) : ''}`)}>
                {t('import.to_map')}
              </Button>
            )}
            <UndoButton batchId={it.batch_id} onQueued={onQueued} />
          </div>
        }
      />
      {phase.trouble && (
        <Alert
          className="failure"
          type="error"
          showIcon
          title={t('import.undo_failed')}
          description={<span className="lines">{phase.trouble.detail || phase.trouble.title}</span>}
        />
      )}
    </>
  );
}
