import { expect, it } from 'vitest';
import { choiceOf, countCodes, nothingChosen, type Chosen } from './choice';

const of = (more: Partial<Chosen>) => choiceOf({ ...nothingChosen, ...more });

it('sends one source, and none while something is missing', () => {
  expect(of({})).toBeNull();
  expect(of({ codes: ' P1\nP2 ' })).toEqual({ parcel_codes: ' P1\nP2 ' });
  expect(of({ source: 'filter', layer: 'x' })).toEqual({ layer: 'x' });
  expect(of({ source: 'filter', layer: 'x', filter: ' a = 1 ', codes: 'P1' })).toEqual({
    layer: 'x',
    filter: 'a = 1',
  });
  expect(of({ source: 'town' })).toBeNull();
  expect(of({ source: 'town', town: '114' })).toEqual({ town_code: '114' });
  expect(of({ source: 'scenario', scenarioId: 4 })).toEqual({ scenario_id: 4 });
});

it('counts pasted codes once each', () => {
  expect(countCodes('\ufeffP1\r\n"P2"\t\r\n P1 \nP3，P4')).toBe(4);
  expect(countCodes(' \n,\t')).toBe(0);
});
