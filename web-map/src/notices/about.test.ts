import { expect, it } from 'vitest';
import { aboutOf } from './about';

it('a final run leads to its hits, a returned case to the case', () => {
  expect(aboutOf({ run_id: 7, year: 2025 })).toEqual({ path: '/runs/7?tab=hits', says: 'to_hits' });
  expect(aboutOf({ list_id: 3, case_code: 'JD2026001' })).toEqual({
    path: '/lists/3?case=JD2026001',
    says: 'to_case',
  });
});

it('what is not known leads nowhere', () => {
  for (const detail of [null, 'x', {}, { run_id: '7' }, { list_id: 3 }, { case_code: 'JD2026001' }]) {
    expect(aboutOf(detail)).toBeNull();
  }
});
