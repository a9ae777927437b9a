import { Alert, Button, Modal } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { addCases, type Added, type List } from '../api/lists';
import { useText } from '../i18n';
import { choiceOf, nothingChosen } from './choice';
import { ChoiceForm } from './ChoiceForm';
import { Outcome } from './Outcome';
import { refresh } from './store';

/** More parcels for a list. */
export function AddDialog({ list, onClose }: { list: List; onClose: () => void }) {
  const { t } = useText();
  const [chosen, setChosen] = useState(nothingChosen);
  const [made, setMade] = useState<Added | null>(null);
  const choice = choiceOf(chosen);
  const add = useAction(async () => {
    if (!choice) return;
    setMade(await addCases(list.list_id, choice));
    await refresh();
  });
  return (
    <Modal
      open
      title={t('lists.add')}
      onCancel={onClose}
      footer={
        made ? (
          <Button type="primary" onClick={onClose}>
            {t('lists.done')}
          </Button>
        ) : (
          <Button type="primary" disabled={!choice} loading={add.busy} onClick={() => add.run()}>
            {t('lists.add')}
          </Button>
        )
      }
    >
      {made ? <Outcome of={made} /> : <ChoiceForm chosen={chosen} onChoose={setChosen} />}
      {add.failure && <Alert type="error" showIcon title={add.failure} />}
    </Modal>
  );
}
