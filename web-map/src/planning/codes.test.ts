import { expect, it } from 'vitest';
import { readCodes } from './codes';

it('reads codes however they are pasted', () => {
  expect(readCodes(' A1\nB2,C3，D4\tA1；E5、\r\n')).toEqual(['A1', 'B2', 'C3', 'D4', 'E5']);
  expect(readCodes('  \n ')).toEqual([]);
});
