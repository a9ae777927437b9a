import type { LayerTree } from '../api/schema';

/** The register whose rows are known by their own code: what is drawn pale beneath shapes. */
export function registerOf(tree: LayerTree): string {
  const own = tree.layers.find((it) => it.kind === 'register' && it.identify === it.fields[0]?.name);
  return own?.id ?? '';
}
