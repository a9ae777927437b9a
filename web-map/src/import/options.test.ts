import { expect, it } from 'vitest';
import { answered, corrected, crsText, firstOptions, isCrsText, optionsOf } from './options';
import { sampleImport } from './sample';

const first = firstOptions('lots');
const mapping = { columns: { code: 'DKBM' } };

it('keeps what was corrected before, and takes a correction back', () => {
  const two = corrected(corrected(first, { encoding: 'GB18030' }), { source_crs: 'EPSG:4549' });
  expect(two).toEqual({ into: 'lots', replace: true, encoding: 'GB18030', source_crs: 'EPSG:4549' });
  expect(corrected(two, { source_crs: null })).toEqual({ into: 'lots', replace: true, encoding: 'GB18030' });
  // False is an answer, not the lack of one.
  expect(corrected(first, { swap_axes: false, replace: false })).toEqual({
    into: 'lots',
    replace: false,
    swap_axes: false,
  });
});

it('drops a mapping that another target or sheet could not have', () => {
  const mapped = { ...first, mapping, layer_name: 'Sheet1', encoding: 'UTF-8' };
  expect(corrected(mapped, { into: 'other' })).toEqual({ into: 'other', replace: true, encoding: 'UTF-8' });
  expect(corrected(mapped, { into: 'lots' })).toEqual(mapped);
  expect(corrected(mapped, { layer_name: 'Sheet2' })).toEqual({
    into: 'lots',
    replace: true,
    encoding: 'UTF-8',
    layer_name: 'Sheet2',
  });
});

it('answers the question that was asked', () => {
  expect(answered(first, 'source_crs', ' EPSG:4549 ')).toMatchObject({ source_crs: 'EPSG:4549' });
  expect(answered(first, 'layer_name', '宗地')).toMatchObject({ layer_name: '宗地' });
  expect(answered(first, 'swap_axes', 'true')).toMatchObject({ swap_axes: true });
  expect(answered(first, 'swap_axes', 'false')).toMatchObject({ swap_axes: false });
});

it('reads a coordinate system as people type it', () => {
  for (const [typed, want] of [
    ['4549', 'EPSG:4549'],
    ['epsg: 4549', 'EPSG:4549'],
    [' EPSG:4549 ', 'EPSG:4549'],
    ['+proj=tmerc +lon_0=121', '+proj=tmerc +lon_0=121'],
    ['local', 'local'],
  ] as const) {
    expect(crsText(typed)).toBe(want);
    expect(isCrsText(crsText(typed))).toBe(true);
  }
  for (const typed of ['', '上海2000', 'EPSG:', '12', '+proj=', 'http://example.org']) {
    expect(isCrsText(crsText(typed))).toBe(false);
  }
});

it('begins with the options that the batch has', () => {
  expect(optionsOf(sampleImport())).toEqual(first);
  expect(optionsOf(sampleImport({ options: null }))).toEqual(first);
  expect(optionsOf(sampleImport({ options: null, into: null }))).toBeNull();
});
