import { Input, Select } from 'antd';
import { useState } from 'react';
import type { Case } from '../api/lists';
import { rawText } from './block';
import { parseCell, type Value } from './cells';
import { editable, type Column, type Member } from './columns';
import { shownRow } from './sheet';
import { headingOf, type Say } from './show';
import { useStore, writeCell } from './store';

const long = new Set(['measures', 'problem', 'note', 'project']);

/** The same members as in the table, one below another; saved and undone as there. */
export function Members({ of, say }: { of: Case; say: Say }) {
  const { sheet } = useStore();
  const row = shownRow(sheet, of.case_code) ?? of;
  return (
    <dl className="members-form">
      {editable
        .filter((it) => it.kind !== 'nodes')
        .map((column) => (
          <div key={column.id} className={long.has(column.id) ? 'wide' : ''}>
            <dt>{headingOf(column, say)}</dt>
            <dd>
              <One key={String(row[column.id])} row={row} column={column} say={say} />
            </dd>
          </div>
        ))}
    </dl>
  );
}

function One({ row, column, say }: { row: Case; column: Column; say: Say }) {
  const { t, own, ways } = say;
  const { isFixed } = useStore();
  const raw = rawText(row, column, ways);
  const [text, setText] = useState(raw);
  const [why, setWhy] = useState<string | null>(null);
  const label = headingOf(column, say);
  const put = (given: string) => {
    if (given === raw) return setWhy(null);
    const parsed = parseCell(column, given, row.path, ways);
    if ('why' in parsed) return setWhy(t(`lists.wrong.${parsed.why}`, { text: given }));
    setWhy(null);
    const member = column.id as Member;
    writeCell(
      t('lists.act.cell', { column: label }),
      row.case_code,
      member,
      parsed.value,
      row[member] as Value,
    );
  };
  if (column.kind === 'path') {
    return (
      <Select
        value={row.path}
        allowClear
        disabled={isFixed}
        onChange={(it) => put(it ?? '')}
        aria-label={label}
        options={ways.map((it) => ({ value: it.id, label: own(it.title) }))}
      />
    );
  }
  const given = {
    value: text,
    'aria-label': label,
    disabled: isFixed,
    status: why ? ('error' as const) : ('' as const),
    onBlur: () => put(text),
  };
  return (
    <>
      {long.has(column.id) ? (
        <Input.TextArea
          {...given}
          autoSize={{ maxRows: 6 }}
          onChange={(event) => setText(event.target.value)}
        />
      ) : (
        <Input {...given} onPressEnter={() => put(text)} onChange={(event) => setText(event.target.value)} />
      )}
      {why && <small className="wrong">{why}</small>}
    </>
  );
}
