import { expect, it } from 'vitest';
import { choose, chooseUnit, filling, missingFields, rowsOf, toMapping } from './columns';
import { sampleReport, sampleTarget } from './sample';

const rows = rowsOf(sampleReport(), null);

it('shows every column of the file, also those that no field takes', () => {
  expect(rows.map((it) => [it.header, it.field, it.unit])).toEqual([
    ['DKBM', 'code', null],
    ['MJ', 'area', '亩'],
    ['BZ', null, null],
  ]);
  const older = sampleReport();
  delete older.columns;
  expect(rowsOf(older, null).map((it) => [it.header, it.samples])).toEqual([
    ['DKBM', null],
    ['MJ', null],
    ['BZ', null],
  ]);
  const constant = { columns: { code: { constant: 'DKBM' } } };
  expect(rowsOf(older, constant).map((it) => it.header)).toEqual(['MJ', 'BZ']);
});

it('misses the required fields that nothing fills', () => {
  expect(missingFields(rows, sampleTarget, null).map((it) => it.name)).toEqual(['owner']);
  expect(missingFields(choose(rows, 'BZ', 'owner'), sampleTarget, null)).toEqual([]);
  expect(missingFields(rows, sampleTarget, { columns: { owner: { constant: 'x' } } })).toEqual([]);
});

it('gives a field to one column', () => {
  const moved = choose(rows, 'BZ', 'area');
  expect(moved.map((it) => it.field)).toEqual(['code', null, 'area']);
  expect(choose(rows, 'MJ', null).map((it) => it.field)).toEqual(['code', null, null]);
});

it('names everything in the mapping, so that nothing comes back by an alias', () => {
  expect(toMapping(choose(rows, 'MJ', null), null)).toEqual({ columns: { code: 'DKBM' }, aliases: false });
  expect(toMapping(rows, null).columns['area']).toEqual({ header: 'MJ', unit: '亩' });
  expect(toMapping(chooseUnit(rows, 'MJ', '公顷'), null).columns['area']).toEqual({
    header: 'MJ',
    unit: '公顷',
  });
});

it('keeps of an earlier mapping what the table does not show', () => {
  const before = {
    columns: {
      code: { header: 'DKBM', values: { a: 'b' } },
      owner: { constant: 'x' },
      area: { header: 'MJ', scale: '10' },
    },
    rows: { group_by: ['code'] },
  };
  const scaled = rows.map((it) => ({ ...it, unit: null, scale: it.field === 'area' ? '10' : null }));
  expect(toMapping(scaled, before)).toEqual({ ...before, aliases: false });
  // A unit stands in the place of the factor: both would multiply.
  expect(toMapping(chooseUnit(scaled, 'MJ', '亩'), before).columns['area']).toEqual({
    header: 'MJ',
    unit: '亩',
  });
});

it('fills what was asked for and leaves the rest to be found', () => {
  expect(filling({ code: 'A', owner: '' }, null)).toEqual({ columns: { code: 'A' } });
  expect(filling({ code: 'A' }, { columns: { area: 'B' }, aliases: false })).toEqual({
    columns: { area: 'B', code: 'A' },
    aliases: false,
  });
});

it('keeps a factor that the report names, also of a mapping that it does not show', () => {
  const [code, area] = sampleReport().mapping;
  if (!code || !area) throw new Error('no mapping');
  const mapping = [code, { ...area, unit: null, factor: '× 0.0001' }];
  const scaled = rowsOf(sampleReport({}, { mapping }), null);
  expect(toMapping(scaled, null).columns['area']).toEqual({ header: 'MJ', scale: '0.0001' });
  // Of another field it would be a wrong figure.
  expect(toMapping(choose(scaled, 'MJ', 'owner'), null).columns['owner']).toBe('MJ');
});

it('keeps both fields of a column whose figures are kept as given, too', () => {
  const title = { zh: 'x', en: 'x' };
  const report = sampleReport();
  const given = { header: 'MJ', field: 'area_mu', title, how: 'alias' as const, unit: '亩' };
  const found = rowsOf({ ...report, mapping: [...report.mapping, given] }, null);
  expect(found.map((it) => it.header)).toEqual(['DKBM', 'MJ', 'BZ']);
  const both = { area: { header: 'MJ', unit: '亩' }, area_mu: { header: 'MJ', unit: '亩' } };
  expect(toMapping(choose(found, 'BZ', 'owner'), null).columns).toMatchObject(both);
  // In another unit they are no longer what was given.
  expect(toMapping(chooseUnit(found, 'MJ', '公顷'), null).columns['area_mu']).toBeUndefined();
  expect(toMapping(choose(found, 'BZ', 'area_mu'), null).columns['area_mu']).toBe('BZ');
});
