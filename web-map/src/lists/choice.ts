// What a list is filled from, as the form has it and as it is sent. Pure.
import type { Choice } from '../api/lists';
import { nothing, shapeOf, type Drawing } from '../planning/drawing';
import { touches } from './area';

export const sources = ['scenario', 'filter', 'area', 'town', 'codes'] as const;
export type Source = (typeof sources)[number] | 'thresholds';

export type Chosen = {
  source: Source;
  scenarioId: number | null;
  layer: string | null;
  filter: string;
  /** A polygon on the map, with `layer`. */
  drawing: Drawing;
  town: string | null;
  codes: string;
  thresholds: Choice['thresholds'] | null;
};

export const nothingChosen: Chosen = {
  source: 'codes',
  scenarioId: null,
  layer: null,
  filter: '',
  drawing: nothing,
  town: null,
  codes: '',
  thresholds: null,
};

/** Null while something is missing. */
export function choiceOf(it: Chosen): Choice | null {
  switch (it.source) {
    case 'thresholds':
      return it.thresholds ? { thresholds: it.thresholds } : null;
    case 'scenario':
      return it.scenarioId === null ? null : { scenario_id: it.scenarioId };
    case 'filter':
      if (it.layer === null) return null;
      return { layer: it.layer, ...(it.filter.trim() ? { filter: it.filter.trim() } : {}) };
    case 'area': {
      const shape = shapeOf(it.drawing);
      return it.layer !== null && shape ? { layer: it.layer, filter: touches(shape) } : null;
    }
    case 'town':
      return it.town ? { town_code: it.town } : null;
    case 'codes':
      return it.codes.trim() ? { parcel_codes: it.codes } : null;
  }
}

/** How many codes stand in a pasted column, as the server parts them. */
export function countCodes(text: string): number {
  const parts = text.split(/[\n\r\t,，、;；]/).map((it) => it.trim().replace(/^["'\ufeff]+|["']+$/g, ''));
  return new Set(parts.filter(Boolean)).size;
}
