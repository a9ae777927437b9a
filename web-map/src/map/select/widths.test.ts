import { expect, it } from 'vitest';
import { columnWidth } from './widths';

it('gives a column the room of its longest text, and no more than a third of a small screen', () => {
  expect(columnWidth('判定', ['低效', '未判为低效'])).toBe(90);
  expect(columnWidth('亩均税收 (万元/亩)', ['1.00'])).toBeGreaterThan(130);
  expect(columnWidth('宗地名称', ['某'.repeat(60)])).toBe(300);
});
