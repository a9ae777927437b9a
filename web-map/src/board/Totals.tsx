import type { Shown } from './address';
import { themeOnMap } from './links';
import type { Indicator, Subject } from './subject';
import type { LayerTree } from '../api/schema';
import { valueOf, type Stats } from '../api/stats';
import { count, quantity } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';

type Props = {
  tree: LayerTree;
  subject: Subject;
  answer: Stats;
  onRows: (shown: Shown) => void;
};

/** The district in a few figures. Each opens the rows that it is of. */
export function Totals({ tree, subject, answer, onRows }: Props) {
  const { t, own, language } = useText();
  const { layer, indicators } = subject;
  const all: Shown = { layer: layer.id, filter: null };
  return (
    <section className="card board-totals" aria-label={t('board.totals')}>
      <dl className="board-tiles">
        <Tile title={t('board.rows')} figure={count(answer.total.count) ?? '–'} onOpen={() => onRows(all)} />
        {indicators.map((it) => (
          <Tile key={it.key} title={own(it.title)} {...told(it)} onOpen={() => onRows(all)} />
        ))}
      </dl>
      <p className="quiet board-note">
        {answer.published && <span>{t('board.published')} </span>}
        <a href={toPath(themeOnMap(tree, layer))}>{t('board.layer_on_map', { layer: own(layer.title) })}</a>
      </p>
    </section>
  );

  function told(it: Indicator): { figure: string; isTold: boolean; note?: string } {
    const worth = valueOf(answer.total, it.measure);
    const missing = answer.total.measures[`sum_${it.key}`]?.missing ?? 0;
    if (worth === null || worth === undefined) {
      return { figure: answer.total.withheld ? t('board.withheld') : t('board.unknown'), isTold: false };
    }
    const figure = quantity(worth, it.unit, language) ?? '–';
    return missing > 0
      ? { figure, isTold: true, note: t('board.missing_of', { count: missing }) }
      : { figure, isTold: true };
  }
}

function Tile({
  title,
  figure,
  isTold = true,
  note,
  onOpen,
}: {
  title: string;
  figure: string;
  /** Not so where the figure is withheld or there is none. */
  isTold?: boolean;
  note?: string | undefined;
  onOpen: () => void;
}) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        <button type="button" className={isTold ? 'number' : 'number untold'} onClick={onOpen}>
          {figure}
        </button>
        {note && <span className="quiet">{note}</span>}
      </dd>
    </div>
  );
}
