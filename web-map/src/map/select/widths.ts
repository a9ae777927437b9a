// Widths of a table's columns, by what stands in them. Pure.

/** The most that a column is wide. */
const widest = 300;
const beside = 20;
const arrow = 12;

/** Pixels of a text at 14: signs of Chinese are square, Latin ones some 8 wide. */
export function inked(text: string): number {
  return [...text].reduce((sum, it) => sum + (it > '\u2e80' ? 14 : 8.2), 0);
}

/** Wide enough for the head with the sign of its order and for every text, up to the most. */
export function columnWidth(head: string, texts: readonly string[]): number {
  const longest = texts.reduce((most, it) => Math.max(most, inked(it)), inked(head) + arrow);
  return Math.ceil(Math.min(widest, longest + beside));
}
