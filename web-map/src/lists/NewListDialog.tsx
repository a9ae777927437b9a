import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Input, InputNumber, Modal, Radio, Select } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { createList, useStandings, type Added } from '../api/lists';
import type { Session } from '../api/schema';
import { useText } from '../i18n';
import { choiceOf, nothingChosen, type Chosen } from './choice';
import { ChoiceForm } from './ChoiceForm';
import { Outcome } from './Outcome';

type Props = {
  session: Session;
  first: Partial<Chosen>;
  onClose: () => void;
  onOpen: (listId: number) => void;
};

/** A new list, and what came of its choice before it opens. */
export function NewListDialog({ session, first, onClose, onOpen }: Props) {
  const { t } = useText();
  const queries = useQueryClient();
  const own = session.responsible_units;
  const [name, setName] = useState('');
  const [kind, setKind] = useState('renewal');
  const [year, setYear] = useState(new Date().getFullYear());
  const [unit, setUnit] = useState<string | null>(own?.[0] ?? null);
  const [prefix, setPrefix] = useState('');
  const [chosen, setChosen] = useState<Chosen>({ ...nothingChosen, ...first });
  const [made, setMade] = useState<Added | null>(null);
  const units = useStandings({ period: String(year), kind: 'mu', asOf: null }).data?.rows ?? [];
  const known = own ?? units.flatMap((it) => it.unit ?? []);
  const choice = choiceOf(chosen);
  const make = useAction(async () => {
    const added = await createList({
      name: name.trim(),
      kind,
      year,
      ...(unit ? { responsible_unit: unit } : {}),
      ...(prefix ? { code_prefix: prefix } : {}),
      ...(choice ? { selection: choice } : {}),
    });
    await queries.invalidateQueries({ queryKey: ['lists'] });
    setMade(added);
  });
  return (
    <Modal
      open
      width={600}
      title={t('lists.make')}
      onCancel={onClose}
      footer={
        made ? (
          <Button type="primary" onClick={() => onOpen(made.list.list_id)}>
            {t('lists.open')}
          </Button>
        ) : (
          <Button
            type="primary"
            disabled={name.trim() === '' || (chosen.source !== 'codes' && !choice)}
            loading={make.busy}
            onClick={() => make.run()}
          >
            {t('lists.make')}
          </Button>
        )
      }
    >
      {made ? (
        <Outcome of={made} />
      ) : (
        <div className="stacked new-list">
          <Input
            autoFocus
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
            placeholder={t('lists.name_example', { year })}
            aria-label={t('lists.name')}
          />
          <div className="new-list-facts">
            <Radio.Group
              value={kind}
              onChange={(event) => setKind(String(event.target.value))}
              options={['renewal', 'reduction'].map((value) => ({ value, label: t(`lists.kind.${value}`) }))}
              aria-label={t('lists.kind_label')}
            />
            <InputNumber
              value={year}
              min={2000}
              max={2100}
              precision={0}
              onChange={(to) => to !== null && setYear(to)}
              aria-label={t('lists.year')}
            />
            <Select
              value={unit}
              onChange={(to) => setUnit(to ?? null)}
              allowClear={own === null}
              placeholder={t('lists.district')}
              aria-label={t('lists.unit')}
              options={known.map((value) => ({ value, label: value }))}
            />
            <Input
              value={prefix}
              maxLength={8}
              onChange={(event) => setPrefix(event.target.value.toUpperCase().replace(/[^A-Z]/g, ''))}
              placeholder={t('lists.prefix')}
              aria-label={t('lists.prefix')}
            />
          </div>
          <ChoiceForm chosen={chosen} onChoose={setChosen} />
        </div>
      )}
      {make.failure && <Alert type="error" showIcon title={make.failure} />}
    </Modal>
  );
}
