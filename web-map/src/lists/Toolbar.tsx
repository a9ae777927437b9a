import { RedoOutlined, UndoOutlined } from '@ant-design/icons';
import { Button, Checkbox, Input, Popover, Select } from 'antd';
import { useState } from 'react';
import type { Finding, List } from '../api/lists';
import type { Range } from './block';
import { BulkEdit } from './BulkEdit';
import { Saving } from './Saving';
import { isNarrowed, type Narrowing } from './narrow';
import type { Say } from './show';
import { redoLast, undoLast, useStore } from './store';
import { useActs } from './useActs';

export const states = ['candidate', 'verified', 'listed', 'in_progress', 'accepted', 'closed', 'removed'];
const shortcuts = ['move', 'edit', 'fill', 'copy', 'undo', 'clear', 'open', 'leave'] as const;

type Props = {
  list: List;
  say: Say;
  narrowing: Narrowing;
  onNarrow: (to: Narrowing) => void;
  findings: readonly Finding[];
  codes: readonly string[];
  range: Range;
  onOpen: (code: string) => void;
  onSay: (text: string) => void;
};

export function Toolbar({ list, say, narrowing, onNarrow, findings, codes, range, onOpen, onSay }: Props) {
  const { t, own, ways } = say;
  const { sheet } = useStore();
  const acts = useActs(say, onSay);
  const [isBulk, setBulk] = useState(false);
  const [undoes, redoes] = [sheet.done.at(-1), sheet.undone.at(-1)];
  const current = codes[range.active.row];
  return (
    <div className="list-toolbar" role="toolbar" aria-label={t('lists.tools')}>
      <Button
        size="small"
        icon={<UndoOutlined />}
        disabled={!undoes}
        aria-label={t('lists.undo')}
        title={`${t('lists.undo')} ${undoes?.label ?? ''} (Ctrl+Z)`}
        onClick={() => acts.stepped('lists.undone', undoLast())}
      />
      <Button
        size="small"
        icon={<RedoOutlined />}
        disabled={!redoes}
        aria-label={t('lists.redo')}
        title={`${t('lists.redo')} ${redoes?.label ?? ''} (Ctrl+Y)`}
        onClick={() => acts.stepped('lists.redone', redoLast())}
      />
      <Button
        size="small"
        onClick={() => setBulk(true)}
        disabled={list.state === 'closed' || codes.length === 0}
      >
        {t('lists.bulk')}
      </Button>
      <Button size="small" onClick={() => current && onOpen(current)} disabled={!current}>
        {t('lists.open_case')}
      </Button>
      <Input
        size="small"
        className="list-search"
        allowClear
        value={narrowing.text}
        onChange={(event) => onNarrow({ ...narrowing, text: event.target.value })}
        placeholder={t('lists.search')}
        aria-label={t('lists.search')}
      />
      <Select
        size="small"
        className="list-narrow"
        allowClear
        value={narrowing.state}
        onChange={(state) => onNarrow({ ...narrowing, state: state ?? null })}
        placeholder={t('lists.every_state')}
        aria-label={t('lists.every_state')}
        options={states.map((value) => ({ value, label: t(`lists.state.${value}`) }))}
      />
      <Select
        size="small"
        className="list-narrow"
        allowClear
        value={narrowing.path}
        onChange={(path) => onNarrow({ ...narrowing, path: path ?? null })}
        placeholder={t('lists.every_path')}
        aria-label={t('lists.every_path')}
        options={[
          { value: '', label: t('lists.without_path') },
          ...ways.map((it) => ({ value: it.id, label: own(it.title) })),
        ]}
      />
      <Checkbox
        checked={narrowing.faulty}
        onChange={(event) => onNarrow({ ...narrowing, faulty: event.target.checked })}
      >
        {t('lists.checks', { count: findings.length })}
      </Checkbox>
      {isNarrowed(narrowing) && <span className="quiet">{t('lists.narrowed', { count: codes.length })}</span>}
      <span className="spring" />
      <Saving />
      <Popover
        trigger="click"
        placement="bottomRight"
        content={
          <dl className="shortcuts">
            {shortcuts.map((it) => (
              <div key={it}>
                <dt>{t(`lists.key.${it}`)}</dt>
                <dd>{t(`lists.key_does.${it}`)}</dd>
              </div>
            ))}
          </dl>
        }
      >
        <Button size="small" aria-label={t('lists.shortcuts')} title={t('lists.shortcuts')}>
          ?
        </Button>
      </Popover>
      {isBulk && (
        <BulkEdit say={say} codes={codes} range={range} onSay={onSay} onClose={() => setBulk(false)} />
      )}
    </div>
  );
}
