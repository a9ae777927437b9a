// The responsible units that parcels have, to choose from instead of typing.
import { useQuery } from '@tanstack/react-query';
import { sendJson } from '../api/client';
import { useLayerTree } from '../api/hooks';
import type { LayerTree } from '../api/schema';

/** The field by which rows belong to a unit, in the layers and in the accounts alike. */
const unitField = 'responsible_unit';

/** The layer that says whose each parcel is: the register's own before any that derives from it. */
export function unitLayer(tree: LayerTree): string | null {
  const having = tree.layers.filter(
    (it) => it.readable && it.fields.some((field) => field.name === unitField),
  );
  return (having.find((it) => it.kind === 'register') ?? having[0])?.id ?? null;
}

/** Empty until they are known, and where they cannot be: units may be typed too. */
export function useUnits(): string[] {
  const tree = useLayerTree().data;
  const layer = tree ? unitLayer(tree) : null;
  const found = useQuery({
    queryKey: ['units', layer],
    queryFn: async () => {
      const asked = { layer, group_by: [unitField] };
      const answer = await sendJson<{ groups: { key: Record<string, unknown> }[] }>(
        'POST',
        '/api/v1/stats',
        asked,
      );
      return answer.groups.flatMap(({ key }) => (typeof key[unitField] === 'string' ? [key[unitField]] : []));
    },
    enabled: layer !== null,
    staleTime: 300_000,
    retry: false,
  });
  return found.data ?? [];
}
