import { expect, it } from 'vitest';
import { codesIn, combined } from './store';

it('selects anew, adds, and takes away', () => {
  expect(combined(['a', 'b'], ['c', 'c'], 'new')).toEqual(['c']);
  expect(combined(['a', 'b'], ['b', 'c'], 'add')).toEqual(['a', 'b', 'c']);
  expect(combined(['a', 'b'], ['b', 'c'], 'less')).toEqual(['a']);
});

it('reads a column as it comes from a spreadsheet', () => {
  expect(codesIn('\ufeffJD-1\r\n"JD-2"\tJD-3，JD-1；\n\n JD-4 ')).toEqual(['JD-1', 'JD-2', 'JD-3', 'JD-4']);
  expect(codesIn(' \n ,')).toEqual([]);
});
