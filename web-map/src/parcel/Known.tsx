import { useMemo, type ReactNode } from 'react';
import type { Dossier, LayerTree } from '../api/schema';
import { Suppliers, Withheld } from './figures';
import { suppliersOf } from './origins';
import './sources.css';

/** What is withheld of this dossier, and whom to ask for what is missing, for all that is shown of it. */
export function Known({
  dossier,
  tree,
  children,
}: {
  dossier: Dossier;
  tree: LayerTree | null;
  children: ReactNode;
}) {
  const suppliers = useMemo(() => suppliersOf(dossier, tree), [dossier, tree]);
  return (
    <Withheld value={dossier.withheld}>
      <Suppliers value={suppliers}>{children}</Suppliers>
    </Withheld>
  );
}
