import { expect, it } from 'vitest';
import type { Standing } from '../api/lists';
import { distance } from './target';
import { readWhere } from './route';

const row = (unit: string | null, target: string | null) => ({ unit, target }) as Standing;
const standings = { rows: [row('马陆镇', '1800'), row('安亭镇', null)], total: row(null, '2500.5') };
const list = (unit: string | null, area: string) => ({
  responsible_unit: unit,
  area_mu: area,
  counted_mu: '900',
});

it('says what a list is short of, to the last digit', () => {
  expect(distance(list('马陆镇', '1714'), standings)).toMatchObject({
    gap: '86',
    isShort: true,
    counted: 0.5,
  });
  expect(distance(list('马陆镇', '1800.00'), standings)).toMatchObject({ gap: '0', isShort: false });
  expect(distance(list('马陆镇', '1800.01'), standings)).toMatchObject({ gap: '0.01', isShort: false });
  expect(distance(list(null, '2500'), standings)).toMatchObject({ gap: '0.5', target: '2500.5' });
  expect(distance(list('安亭镇', '1'), standings)).toBeNull();
  expect(distance(list('南翔镇', '1'), standings)).toBeNull();
});

it('reads addresses as hostile input', () => {
  expect(readWhere('/lists', '')).toEqual({ listId: null, caseCode: null });
  expect(readWhere('/lists/7', '?case=JD2026001')).toEqual({ listId: 7, caseCode: 'JD2026001' });
  expect(readWhere('/lists/7', '?case=<script>')).toEqual({ listId: 7, caseCode: null });
  expect(readWhere('/lists', '?case=JD2026001').caseCode).toBeNull();
  expect(readWhere('/lists/x', '').listId).toBeNull();
});
