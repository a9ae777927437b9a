// How many entries of a menu have room. Pure.

/** `more` is the width of the button that leads to the others; it is there only when some have no room. */
export function fitting(widths: readonly number[], more: number, room: number): number {
  const all = widths.reduce((sum, it) => sum + it, 0);
  if (all <= room) return widths.length;
  let left = room - more;
  let count = 0;
  for (const it of widths) {
    left -= it;
    if (left < 0) break;
    count += 1;
  }
  return count;
}
