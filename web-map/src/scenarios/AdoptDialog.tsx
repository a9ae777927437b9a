import { Alert, Input, Modal } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAction } from '../api/action';
import { adoptScenario } from '../api/scenarios';
import type { Scenario } from '../api/schema';
import { useText } from '../i18n';

/** Puts a scenario in force from a day on. */
export function AdoptDialog({ scenario, onClose }: { scenario: Scenario; onClose: () => void }) {
  const { t } = useText();
  const queries = useQueryClient();
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [basis, setBasis] = useState('');
  const adopt = useAction(async () => {
    await adoptScenario(scenario.scenario_id, {
      valid_from: from,
      valid_to: to || null,
      legal_basis: basis.trim(),
    });
    await Promise.all(
      [['scenarios'], ['rule_sets']].map((queryKey) => queries.invalidateQueries({ queryKey })),
    );
    onClose();
  });
  return (
    <Modal
      open
      title={t('scenarios.adopt_title', { title: scenario.title })}
      okText={t('scenarios.adopt')}
      okButtonProps={{ disabled: !from || basis.trim() === '', loading: adopt.busy }}
      onOk={() => adopt.run()}
      onCancel={onClose}
    >
      <div className="stacked">
        <p className="quiet">{t('scenarios.adopt_lead')}</p>
        <label>
          {t('scenarios.valid_from')}
          <Input type="date" value={from} onChange={(event) => setFrom(event.target.value)} />
        </label>
        <label>
          {t('scenarios.valid_to')}
          <Input type="date" value={to} onChange={(event) => setTo(event.target.value)} />
        </label>
        <label>
          {t('scenarios.basis')}
          <Input.TextArea rows={2} value={basis} onChange={(event) => setBasis(event.target.value)} />
        </label>
        {adopt.failure && <Alert type="error" message={adopt.failure} />}
      </div>
    </Modal>
  );
}
