// Days as the server takes them. Pure.

/** The day so many days after now, where the reader is. */
export function daysAhead(now: Date, days: number): string {
  const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
  const two = (it: number) => String(it).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
