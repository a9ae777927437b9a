import type { ComponentType } from 'react';
import type { Dossier, LayerTree } from '../api/schema';
import { EvidenceList } from './EvidenceList';
import { History } from './History';
import { Occupants } from './Occupants';
import { Overview } from './Overview';
import { PlanHits } from './PlanHits';
import { Yields } from './Yields';

type Key = 'overview' | 'occupants' | 'yields' | 'plan' | 'history' | 'evidence';

/** The parts of a dossier: tabs in the panel, one below the other on the page. */
export const sections: {
  key: Key;
  Section: ComponentType<{ dossier: Dossier; tree: LayerTree | null }>;
}[] = [
  { key: 'overview', Section: Overview },
  { key: 'occupants', Section: Occupants },
  { key: 'yields', Section: Yields },
  { key: 'plan', Section: PlanHits },
  { key: 'history', Section: History },
  { key: 'evidence', Section: EvidenceList },
];
