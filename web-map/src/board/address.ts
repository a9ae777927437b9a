// What the board shows, in its address: `/board?dim=responsible_unit&by=area_mu&theme=…&rows=<layer>&where=<CQL2>`. Pure.
// What is read is treated as hostile: names are of the form of names, and whether they exist is asked of the layers.

export type Shown = { layer: string; filter: string | null };
export type BoardView = {
  /** The field whose groups are compared; null: the first that there is. */
  dimension: string | null;
  /** The indicator that ranks; null: the first that there is. */
  indicator: string | null;
  theme: string | null;
  /** The rows that are open beside the board. */
  rows: Shown | null;
};

const name = /^[a-z][a-z0-9_]{0,62}$/;
/** What the server reads of a filter is more than anybody clicks together here. */
const longest = 2_000;

export function readBoard(search: string): BoardView {
  const query = new URLSearchParams(search);
  const named = (key: string) => {
    const text = query.get(key);
    return text !== null && name.test(text) ? text : null;
  };
  const layer = named('rows');
  const where = query.get('where');
  const filter = where !== null && where.length > 0 && where.length <= longest ? where : null;
  return {
    dimension: named('dim'),
    indicator: named('by'),
    theme: named('theme'),
    // A filter that cannot be used would show other rows than were meant.
    rows: layer !== null && (where === null || filter !== null) ? { layer, filter } : null,
  };
}

export function writeBoard(view: BoardView): string {
  const query = new URLSearchParams();
  if (view.dimension !== null) query.set('dim', view.dimension);
  if (view.indicator !== null) query.set('by', view.indicator);
  if (view.theme !== null) query.set('theme', view.theme);
  if (view.rows !== null) query.set('rows', view.rows.layer);
  if (view.rows?.filter) query.set('where', view.rows.filter);
  const text = query.toString();
  return text && `?${text}`;
}
