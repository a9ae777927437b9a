// Blocks of cells as spreadsheets put them on the clipboard: cells apart by tabs, rows by line ends, and what holds either of
// them in quotes. Pure.

export function readTsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const source = text.replace(/\r\n?/g, '\n').replace(/^\ufeff/, '');
  for (let at = 0; at < source.length; at += 1) {
    const it = source[at] ?? '';
    if (quoted) {
      if (it !== '"') cell += it;
      else if (source[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (it === '"' && cell === '') quoted = true;
    else if (it === '\t' || it === '\n') {
      row.push(cell);
      cell = '';
      if (it === '\n') {
        rows.push(row);
        row = [];
      }
    } else cell += it;
  }
  // Spreadsheets end the last row, too.
  if (cell !== '' || row.length > 0) rows.push([...row, cell]);
  return rows;
}

export function writeTsv(rows: readonly (readonly string[])[]): string {
  const cell = (it: string) => (/[\t\n"]/.test(it) ? `"${it.replaceAll('"', '""')}"` : it);
  return rows.map((row) => row.map(cell).join('\t')).join('\n');
}
