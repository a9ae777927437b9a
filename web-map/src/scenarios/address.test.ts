import { expect, it } from 'vitest';
import { readScenarios, scenariosOf } from './address';

it('goes there and back', () => {
  const view = { layer: 'low_efficiency_2', ruleset: 'general-2025', code: '310114001001GB00001' };
  const path = scenariosOf(view);
  expect(path.startsWith('/scenarios?')).toBe(true);
  expect(readScenarios(path.slice('/scenarios'.length))).toEqual(view);
  expect(scenariosOf({ layer: null, ruleset: null, code: null })).toBe('/scenarios');
});

it('passes over what is no id and no code', () => {
  const nothing = { layer: null, ruleset: null, code: null };
  expect(readScenarios('')).toEqual(nothing);
  expect(readScenarios('?layer=../x&ruleset=%3Cscript%3E&code=%00')).toEqual(nothing);
  expect(readScenarios(`?code=${'9'.repeat(65)}&ruleset=${'a'.repeat(64)}`)).toEqual(nothing);
});
