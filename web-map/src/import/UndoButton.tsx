import { UndoOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Button, Modal } from 'antd';
import { useState } from 'react';
import { Problem } from '../api/client';
import { explain } from '../api/explain';
import { undo } from '../api/imports';
import { useText } from '../i18n';
import { Failure } from '../session/Failure';
import { readDependents } from './dependents';

type Props = { batchId: number; size?: 'small' | 'middle'; onQueued: () => void };

/** Asks first, because other people see the register change; says what depends on the batch when it is refused. */
export function UndoButton({ batchId, size = 'middle', onQueued }: Props) {
  const { t, own } = useText();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<unknown>(null);
  const run = async () => {
    setBusy(true);
    setRefusal(null);
    try {
      await undo(batchId);
      await queries.invalidateQueries({ queryKey: ['import', batchId] });
      setAsking(false);
      onQueued();
    } catch (error) {
      setRefusal(error);
    } finally {
      setBusy(false);
    }
  };
  const dependents = refusal instanceof Problem ? readDependents(refusal) : [];
  return (
    <>
      <Button size={size} icon={<UndoOutlined />} onClick={() => setAsking(true)}>
        {t('import.undo')}
      </Button>
      <Modal
        title={t('import.undo_title', { batch: batchId })}
        open={asking}
        onCancel={() => setAsking(false)}
        onOk={() => void run()}
        okText={t('import.undo')}
        okButtonProps={{ disabled: dependents.length > 0 }}
        confirmLoading={busy}
        afterClose={() => setRefusal(null)}
        width={520}
      >
        <p className="dialog-lead">{t('import.undo_lead')}</p>
        {refusal !== null && (
          <Failure
            title={t('import.undo_refused')}
            why={dependents.length > 0 ? t('import.undo_stands') : explain(refusal, t)}
          />
        )}
        {dependents.length > 0 && (
          <ul className="dependents">
            {dependents.map((it) => (
              <li key={it.what.zh}>
                <b>{t('import.dependents', { what: own(it.what), count: it.count })}</b>
                {it.examples.length > 0 && <span className="quiet"> {it.examples.join('、')}</span>}
              </li>
            ))}
          </ul>
        )}
      </Modal>
    </>
  );
}
