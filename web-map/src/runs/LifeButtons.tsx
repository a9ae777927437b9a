import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Modal, Popconfirm } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { explain } from '../api/explain';
import { finaliseRun, publishRun, showRun } from '../api/runs';
import type { Evaluation } from '../api/schema';
import { useText } from '../i18n';
import { Failure } from '../session/Failure';
import { daysAhead } from './days';

/** What may be done with a run as it is: publish, make final, show on the map. */
export function LifeButtons({ run }: { run: Evaluation }) {
  const { t } = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const act = async (what: () => Promise<unknown>) => {
    try {
      await what();
      await queries.invalidateQueries();
    } catch (error) {
      message.error(explain(error, t), 8);
    }
  };
  return (
    <div className="run-actions">
      {run.may.show && !run.shown && (
        <Button onClick={() => void act(() => showRun(run.run_id))}>{t('runs.show')}</Button>
      )}
      {run.may.show && run.chosen && (
        <Button onClick={() => void act(() => showRun(null))}>{t('runs.follow')}</Button>
      )}
      {run.may.publish && (
        <Button type="primary" onClick={() => setAsking(true)}>
          {t('runs.publish')}
        </Button>
      )}
      {run.may.finalise && (
        <Popconfirm
          title={t('runs.finalise_sure')}
          description={t('runs.finalise_means')}
          onConfirm={() => act(() => finaliseRun(run.run_id))}
        >
          <Button type="primary">{t('runs.finalise')}</Button>
        </Popconfirm>
      )}
      <PublishDialog run={run} open={asking} onClose={() => setAsking(false)} />
    </div>
  );
}

type Props = { run: Evaluation; open: boolean; onClose: () => void };

function PublishDialog({ run, open, onClose }: Props) {
  const { t } = useText();
  const queries = useQueryClient();
  const [until, setUntil] = useState(() => daysAhead(new Date(), 7));
  const [reason, setReason] = useState('');
  const publish = useAction(async () => {
    await publishRun(run.run_id, until, reason.trim() || null);
    await queries.invalidateQueries();
    onClose();
  });
  return (
    <Modal
      title={t('runs.publish_title', { id: run.run_id })}
      open={open}
      onCancel={onClose}
      onOk={publish.run}
      okText={t('runs.publish')}
      confirmLoading={publish.busy}
    >
      <p>{t('runs.publish_means')}</p>
      <label className="field-line">
        {t('runs.until')}{' '}
        <input
          type="date"
          className="ant-input"
          value={until}
          min={daysAhead(new Date(), 0)}
          onChange={(it) => setUntil(it.target.value)}
        />
      </label>
      <label className="field-line">
        {t('runs.publish_reason')}
        <Input.TextArea
          rows={2}
          maxLength={2000}
          value={reason}
          placeholder={t('runs.publish_reason_means')}
          onChange={(it) => setReason(it.target.value)}
        />
      </label>
      <Failure title={t('runs.not_done')} why={publish.failure} />
    </Modal>
  );
}
