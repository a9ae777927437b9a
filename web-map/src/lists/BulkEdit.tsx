import { Input, Modal, Radio, Select } from 'antd';
import { useState } from 'react';
import { boxOf, fillWith, type Range } from './block';
import { columns, editable } from './columns';
import { shownRow } from './sheet';
import { headingOf, type Say } from './show';
import { useStore } from './store';
import { useActs } from './useActs';

type Props = {
  say: Say;
  codes: readonly string[];
  range: Range;
  onSay: (text: string) => void;
  onClose: () => void;
};

/** One value into one column of many rows: those selected, or all that are shown. One act, undone as one. */
export function BulkEdit({ say, codes, range, onSay, onClose }: Props) {
  const { t, own, ways } = say;
  const { sheet } = useStore();
  const acts = useActs(say, onSay);
  const box = boxOf(range);
  const first = columns[box.left];
  const [id, setId] = useState(first?.editable ? first.id : 'path');
  const [text, setText] = useState('');
  const [isAll, setAll] = useState(false);
  const at = columns.findIndex((it) => it.id === id);
  const selected = box.bottom - box.top + 1;
  const offered = id === 'path' ? ways.map((it) => own(it.title)) : known(id);

  function known(member: string): string[] {
    const values = [...sheet.rows.values()].map((it) => it[member as 'person']);
    return [...new Set(values)].filter((it): it is string => typeof it === 'string').slice(0, 50);
  }
  const apply = () => {
    const [top, bottom] = isAll ? [0, codes.length - 1] : [box.top, box.bottom];
    const rows = { codes, row: (code: string) => shownRow(sheet, code) };
    acts.carry('lists.bulk', fillWith(rows, { top, bottom, left: at, right: at }, text, ways));
    onClose();
  };
  return (
    <Modal open title={t('lists.bulk')} okText={t('lists.apply')} onOk={apply} onCancel={onClose}>
      <div className="stacked">
        <Radio.Group
          value={isAll}
          onChange={(event) => setAll(event.target.value === true)}
          options={[
            { value: false, label: t('lists.selected_rows', { count: selected }) },
            { value: true, label: t('lists.shown_rows', { count: codes.length }) },
          ]}
        />
        <label>
          {t('lists.column_label')}
          <Select
            value={id}
            onChange={setId}
            aria-label={t('lists.column_label')}
            options={editable.map((it) => ({ value: it.id, label: headingOf(it, say) }))}
          />
        </label>
        <label>
          {t('lists.value')}
          <Input
            value={text}
            list="lists-offered"
            onChange={(event) => setText(event.target.value)}
            onPressEnter={apply}
            aria-label={t('lists.value')}
            placeholder={t('lists.empty_clears')}
          />
          <datalist id="lists-offered">
            {offered.map((it) => (
              <option key={it} value={it} />
            ))}
          </datalist>
        </label>
      </div>
    </Modal>
  );
}
