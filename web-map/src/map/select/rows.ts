// The rows behind a selection: which layer they are of, which fields are told, and what is known of them already.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { askRows, quoted, type Row } from '../../api/rows';
import type { Field, Layer, LayerTree } from '../../api/schema';
import { classedFilter } from '../../layers/classes';
import { activeTheme } from '../../layers/order';
import { parcelLayer } from '../../lists/layers';
import { useView } from '../../state/view';
import type { ViewState } from '../../state/url';
import { chosenAtMost } from './store';

/** The layer whose rows are selected: the theme's, else the register of parcels. */
export function subjectOf(tree: LayerTree, view: ViewState): Layer | null {
  const theme = activeTheme(tree.layers, view);
  return theme?.identify ? theme : parcelLayer(tree);
}

export function useSubject(tree: LayerTree | null): Layer | null {
  const view = useView();
  return useMemo(() => (tree ? subjectOf(tree, view) : null), [tree, view]);
}

/** The fields of a row in a table: its code, and what a popup tells of it. */
export function fieldsOf(layer: Layer): Field[] {
  const told = layer.fields.filter((it) => it.readable && it.popup && it.name !== layer.identify);
  const code = layer.fields.filter((it) => it.name === layer.identify);
  return [...code, ...told];
}

export function codeOf(layer: Layer, row: Row): string | null {
  const code = layer.identify === null ? null : row.values[layer.identify];
  return typeof code === 'string' ? code : null;
}

/** Codes of one question: an address holds some hundred. */
const atOnce = 200;

/** Rows that were read, by layer and revision: a selection by area need not be asked for a second time. */
const known = new Map<string, Map<string, Row>>();

function knownOf(layer: Layer): Map<string, Row> {
  const key = `${layer.id}/${layer.data.revision}`;
  const found = known.get(key) ?? new Map<string, Row>();
  known.set(key, found);
  return found;
}

/** Rows that fit the CQL2 text; remembered. */
export async function findRows(layer: Layer, filter: string): Promise<{ codes: string[]; isCut: boolean }> {
  const fields = fieldsOf(layer).map((it) => it.name);
  const { rows, isCut } = await askRows(layer.id, fields, filter);
  const memory = knownOf(layer);
  const codes = rows.flatMap((row) => {
    const code = codeOf(layer, row);
    if (code !== null) memory.set(code, row);
    return code === null ? [] : [code];
  });
  return { codes, isCut };
}

/** Which of the codes there are; the others were not found. */
export async function findCodes(layer: Layer, codes: readonly string[]): Promise<string[]> {
  const memory = knownOf(layer);
  const unknown = codes.filter((it) => !memory.has(it));
  for (let from = 0; from < unknown.length; from += atOnce) {
    const some = unknown.slice(from, from + atOnce).map(quoted);
    await findRows(layer, `${layer.identify} IN (${some.join(', ')})`);
  }
  return codes.filter((it) => memory.has(it));
}

/** The selected rows, in the order of the selection; what no row has is left out. */
export function useChosenRows(layer: Layer | null) {
  const { chosen } = useView();
  const some = useMemo(() => chosen.slice(0, chosenAtMost), [chosen]);
  return useQuery({
    queryKey: ['chosen', layer?.id, layer?.data.revision, some],
    queryFn: async () => {
      if (!layer) return [];
      await findCodes(layer, some);
      const memory = knownOf(layer);
      return some.flatMap((it) => memory.get(it) ?? []);
    },
    enabled: layer !== null && some.length > 0,
    staleTime: Infinity,
  });
}

const noStates: ReadonlyMap<number, boolean> = new Map();

/** The selection as states of features. */
export function useChosenStates(layer: Layer | null): ReadonlyMap<number, boolean> {
  const { chosen } = useView();
  const rows = useChosenRows(layer).data;
  return useMemo(
    () => (chosen.length > 0 && rows ? new Map(rows.map((it) => [it.id, true])) : noStates),
    [chosen, rows],
  );
}

/** What a table shows where nothing is selected: the rows that are ticked, of the chosen units. */
export function useFilteredRows(layer: Layer | null, isOn: boolean) {
  const view = useView();
  const filter = layer ? classedFilter(layer, view) : null;
  return useQuery({
    queryKey: ['filtered', layer?.id, layer?.data.revision, filter],
    queryFn: ({ signal }) =>
      askRows(layer?.id ?? '', layer ? fieldsOf(layer).map((it) => it.name) : [], filter, signal),
    enabled: layer !== null && isOn,
    staleTime: 60_000,
  });
}
