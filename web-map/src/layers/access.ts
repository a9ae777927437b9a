// What a layer holds back from this session. Pure.
import type { AccountRole, Field, Layer } from '../api/schema';
import { roles } from '../session/roles';

export type HeldBack = {
  /** Fields by the role that they need, the lowest role first. */
  byRole: { role: AccountRole; fields: Field[] }[];
  /** Fields of the account's own units only. */
  withinUnits: Field[];
};

/** A layer that may not be read at all has a lock of its own and no list of fields. */
export function heldBack(layer: Layer): HeldBack {
  if (!layer.readable) return { byRole: [], withinUnits: [] };
  const locked = layer.fields.filter((it) => !it.readable);
  const byRole = roles
    .map((role) => ({ role, fields: locked.filter((it) => it.access === role) }))
    .filter((it) => it.fields.length > 0);
  return { byRole, withinUnits: layer.fields.filter((it) => it.readable && it.within_units) };
}
