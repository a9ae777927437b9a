import { Alert, Input, Modal } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAction } from '../api/action';
import { saveScenario, type Asked } from '../api/scenarios';
import { useText } from '../i18n';

export function SaveDialog({ asked, onClose }: { asked: Asked; onClose: () => void }) {
  const { t } = useText();
  const queries = useQueryClient();
  const [title, setTitle] = useState('');
  const [note, setNote] = useState('');
  const save = useAction(async () => {
    await saveScenario(title.trim(), note.trim(), asked);
    await queries.invalidateQueries({ queryKey: ['scenarios'] });
    onClose();
  });
  return (
    <Modal
      open
      title={t('scenarios.save')}
      okText={t('scenarios.save')}
      okButtonProps={{ disabled: title.trim() === '', loading: save.busy }}
      onOk={() => save.run()}
      onCancel={onClose}
    >
      <div className="stacked">
        <Input
          autoFocus
          maxLength={80}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          placeholder={t('scenarios.name')}
          aria-label={t('scenarios.name')}
        />
        <Input.TextArea
          rows={3}
          maxLength={2000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
          placeholder={t('scenarios.note')}
          aria-label={t('scenarios.note')}
        />
        {save.failure && <Alert type="error" message={save.failure} />}
      </div>
    </Modal>
  );
}
