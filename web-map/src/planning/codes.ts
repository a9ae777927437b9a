// Parcel codes as people paste them: one a line, or parted by commas, blanks or tabs out of a table. Pure.
import { isParcelCode } from '../state/url';

/** How many codes one question may have. */
export const codesAtMost = 1000;

/** Each once, in the order of their first mention. */
export function readCodes(text: string): string[] {
  const words = text.split(/[\s,，;；、]+/u).filter(isParcelCode);
  return [...new Set(words)];
}
