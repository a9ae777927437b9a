import { useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { boxOf, clear, fillDown, fillWith, move, rawText, type Range, type Rows } from './block';
import { parseCell, type Value } from './cells';
import { columnAt, columns, lefts, type Member } from './columns';
import { headHeight } from './Grid';
import { rowHeight } from './GridRow';
import { actOf } from './keys';
import { cellText, headingOf, type Say } from './show';
import { redoLast, undoLast, useStore, writeCell } from './store';
import { useActs } from './useActs';
import { useClipboard } from './useClipboard';

export type EditorHandle = { focus: () => void; begin: () => void; leave: () => void };
type Editing = { text: string; seen: Value; isTyped: boolean };
type Props = {
  ref: Ref<EditorHandle>;
  rows: Rows;
  range: Range;
  say: Say;
  /** Rows in view. */
  page: number;
  onRange: (to: Range) => void;
  onOpen: (code: string) => void;
  onSay: (text: string) => void;
  onFocused: (is: boolean) => void;
};

/**
 * The field that lies over the active cell and has the focus all the time, unseen until somebody writes: an input method
 * can only begin in a field, so that 张 can be typed into a cell at once.
 */
export function Editor({ ref, rows, range, say, page, onRange, onOpen, onSay, onFocused }: Props) {
  const { t, ways } = say;
  const field = useRef<HTMLInputElement>(null);
  const [editing, setEditing] = useState<Editing | null>(null);
  const isLeaving = useRef(false);
  const { active } = range;
  const column = columnAt(active.col);
  const code = rows.codes[active.row] ?? '';
  const row = rows.row(code);
  const acts = useActs(say, onSay);
  const { take, give } = useClipboard({ rows, range, say, acts, onRange, onSay });

  const begin = (text: string | null) => {
    if (!row) return;
    if (!column.editable) return onSay(t('lists.wrong.fixed'));
    if (useStore.getState().isFixed) return onSay(t('lists.wrong.closed'));
    const raw = rawText(row, column, ways);
    setEditing({ text: text ?? raw, seen: row[column.id] as Value, isTyped: text !== null });
    if (text === null) requestAnimationFrame(() => field.current?.select());
  };
  /** Whether it could be written; if not, the field stays open. */
  const commit = (everywhere = false): boolean => {
    if (!editing) return true;
    if (everywhere) {
      acts.carry('lists.act.fill', fillWith(rows, boxOf(range), editing.text, ways));
      setEditing(null);
      return true;
    }
    const parsed = parseCell(column, editing.text, row?.path ?? null, ways);
    if ('why' in parsed) {
      onSay(t(`lists.wrong.${parsed.why}`, { text: editing.text }));
      return false;
    }
    writeCell(
      t('lists.act.cell', { column: headingOf(column, say) }),
      code,
      column.id as Member,
      parsed.value,
      editing.seen,
    );
    setEditing(null);
    return true;
  };
  useImperativeHandle(ref, () => ({
    focus: () => field.current?.focus({ preventScroll: true }),
    begin: () => begin(null),
    leave: () => {
      if (!commit()) setEditing(null);
    },
  }));

  const press = (event: KeyboardEvent) => {
    // 229: the key belongs to an input method.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const key = { key: event.key, ctrl: event.ctrlKey || event.metaKey, shift: event.shiftKey };
    const goes =
      ['Enter', 'Tab'].includes(key.key) || (editing?.isTyped === true && /^Arrow(Up|Down)/.test(key.key));
    if (editing) {
      if (key.key === 'Escape') {
        event.preventDefault();
        setEditing(null);
      } else if (goes) {
        event.preventDefault();
        if (!commit(key.ctrl && key.key === 'Enter') || key.ctrl) return;
        const to = move(active, key, rows.codes.length, page);
        if (to) onRange({ anchor: to, active: to });
      }
      return;
    }
    const act = actOf(key, active.col === 0);
    if (act === null) {
      if (key.key === 'Tab' && isLeaving.current) return;
      const to = move(active, key, rows.codes.length, page);
      if (!to) return;
      event.preventDefault();
      const stretches = key.shift && !['Tab', 'Enter'].includes(key.key);
      return onRange({ anchor: stretches ? range.anchor : to, active: to });
    }
    if (act !== 'leave') event.preventDefault();
    isLeaving.current = act === 'leave';
    if (act === 'undo') acts.stepped('lists.undone', undoLast());
    else if (act === 'redo') acts.stepped('lists.redone', redoLast());
    else if (act === 'fill') acts.carry('lists.act.fill', fillDown(rows, boxOf(range), ways));
    else if (act === 'clear') acts.carry('lists.act.clear', clear(rows, boxOf(range), ways));
    else if (act === 'edit') begin(null);
    else if (act === 'open') onOpen(code);
    else if (act === 'all') {
      onRange({
        anchor: { row: 0, col: 0 },
        active: { row: rows.codes.length - 1, col: columns.length - 1 },
      });
    } else onSay(t('lists.leaving'));
  };
  const list = column.kind === 'path' ? 'lists-paths' : undefined;
  const label = t('lists.at', {
    code,
    column: headingOf(column, say),
    value: row ? cellText(row, column, say) : '',
  });
  return (
    <>
      <input
        ref={field}
        className={editing ? 'sheet-editor open' : 'sheet-editor'}
        style={{
          top: headHeight + active.row * rowHeight,
          left: lefts[active.col],
          width: column.width,
          height: rowHeight,
        }}
        value={editing?.text ?? ''}
        aria-label={label}
        aria-readonly={!column.editable}
        autoComplete="off"
        spellCheck={false}
        list={editing ? list : undefined}
        onChange={(event) => {
          const text = event.target.value;
          if (editing) setEditing({ ...editing, text });
          else begin(text);
        }}
        onKeyDown={press}
        onPaste={(event) => !editing && take(event)}
        onCopy={(event) => !editing && give(event)}
        onFocus={() => onFocused(true)}
        onBlur={() => {
          isLeaving.current = false;
          onFocused(false);
          if (!commit()) setEditing(null);
        }}
      />
      <span className="unseen" aria-live="polite">
        {editing ? '' : label}
      </span>
      <datalist id="lists-paths">
        {ways.map((it) => (
          <option key={it.id} value={say.own(it.title)} />
        ))}
      </datalist>
    </>
  );
}
