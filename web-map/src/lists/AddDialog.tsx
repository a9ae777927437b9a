import { Alert, Button, Modal } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { addCases, type Added, type List } from '../api/lists';
import { useText } from '../i18n';
import { choiceOf, nothingChosen } from './choice';
import { ChoiceForm } from './ChoiceForm';
import { Outcome } from './Outcome';
import { mostAdded, turnsOfAdded } from './reverse';
import { refresh, remember } from './store';

/** More parcels for a list. */
export function AddDialog({ list, onClose }: { list: List; onClose: () => void }) {
  const { t } = useText();
  const [chosen, setChosen] = useState(nothingChosen);
  const [made, setMade] = useState<Added | null>(null);
  const choice = choiceOf(chosen);
  const add = useAction(async () => {
    if (!choice) return;
    const made = await addCases(list.list_id, choice);
    setMade(made);
    await refresh();
    const label = t('lists.act.add', { count: made.added.length });
    if (made.added.length <= mostAdded) {
      remember(label, turnsOfAdded(made.added, t('lists.undo_reason', { label })));
    }
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
      <p className="quiet">{t('lists.add_undo', { most: mostAdded })}</p>
      {add.failure && <Alert type="error" showIcon title={add.failure} />}
    </Modal>
  );
}
