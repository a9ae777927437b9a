// The layers that lists are about, found by what they are: no layer is named here. Pure.
import type { Layer, LayerTree } from '../api/schema';

/** Cases: the register that is keyed by their codes. */
export function caseLayer(tree: LayerTree): Layer | null {
  return tree.layers.find((it) => it.readable && it.fields[0]?.name === 'case_code') ?? null;
}

/** Parcels: the register whose rows a click on the map opens by their own code. */
export function parcelLayer(tree: LayerTree): Layer | null {
  return tree.layers.find((it) => it.kind === 'register' && it.identify === it.fields[0]?.name) ?? null;
}

/** Layers whose rows name parcels: a filter over one of them finds parcels. */
export function layersOfParcels(tree: LayerTree): Layer[] {
  return tree.layers.filter((it) => it.readable && it.fields.some((field) => field.name === 'parcel_code'));
}
