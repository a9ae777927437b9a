import { Alert, Modal, Skeleton } from 'antd';
import { explain } from '../api/explain';
import { useComparison } from '../api/scenarios';
import type { Comparison, Scenario } from '../api/schema';
import { decimal } from '../format';
import { useText } from '../i18n';
import { ScenarioPair } from './ScenarioPair';
import { Totals } from './Totals';
import { UnitTable } from './UnitTable';

type Props = { left: Scenario | null; right: Scenario | null; onClose: () => void };

/** The second of two scenarios against the first, or against what the run found. */
export function ComparisonDialog({ left, right, onClose }: Props) {
  const { t } = useText();
  const found = useComparison(left?.scenario_id ?? null, right?.scenario_id ?? null, true);
  const name = (it: Scenario | null) => it?.title ?? t('scenarios.run');
  return (
    <Modal
      open
      width={1180}
      footer={null}
      title={t('scenarios.against', { left: name(left), right: name(right) })}
      onCancel={onClose}
    >
      {found.data ? (
        <div className="stacked">
          <Moved found={found.data} />
          <ScenarioPair
            left={left}
            right={right}
            layerId={found.data.differences.layer}
            runId={found.data.differences.run_id}
          />
          <Totals preview={found.data.differences} isStale={false} />
          <UnitTable preview={found.data.differences} />
        </div>
      ) : found.error ? (
        <Alert type="error" message={explain(found.error, t)} />
      ) : (
        <Skeleton active />
      )}
    </Modal>
  );
}

function Moved({ found }: { found: Comparison }) {
  const { t } = useText();
  const sum = (flips: Comparison['entered']) => flips.reduce((all, it) => all + it.parcels, 0);
  return (
    <p>
      {t('scenarios.moved', {
        entered: decimal(sum(found.entered), 0),
        gone: decimal(sum(found.gone), 0),
      })}
    </p>
  );
}
