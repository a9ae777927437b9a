// Blocks to and from other spreadsheets.
import type { ClipboardEvent } from 'react';
import { boxOf, copy, paste, sizeOf, type Range, type Rows } from './block';
import { columns } from './columns';
import type { Say } from './show';
import { readTsv, writeTsv } from './tsv';
import type { useActs } from './useActs';

type Given = {
  rows: Rows;
  range: Range;
  say: Say;
  acts: ReturnType<typeof useActs>;
  onRange: (to: Range) => void;
  onSay: (text: string) => void;
};

export function useClipboard({ rows, range, say, acts, onRange, onSay }: Given) {
  const box = boxOf(range);
  return {
    take: (event: ClipboardEvent) => {
      event.preventDefault();
      const block = readTsv(event.clipboardData.getData('text/plain'));
      acts.carry('lists.act.paste', paste(rows, box, block, say.ways));
      if (sizeOf(box) > 1 || block.length === 0) return;
      // What was pasted is selected, as elsewhere.
      const width = Math.max(1, ...block.map((it) => it.length));
      const row = Math.min(rows.codes.length - 1, box.top + block.length - 1);
      const col = Math.min(columns.length - 1, box.left + width - 1);
      onRange({ anchor: { row, col }, active: { row: box.top, col: box.left } });
    },
    give: (event: ClipboardEvent) => {
      event.preventDefault();
      event.clipboardData.setData('text/plain', writeTsv(copy(rows, box, say.ways)));
      onSay(say.t('lists.copied', { count: sizeOf(box) }));
    },
  };
}
