// Acts on many cells, and what is said of them.
import { explain } from '../api/explain';
import type { Plan } from './block';
import { headingOf, type Say } from './show';
import { useStore, writeCells, type Outcome } from './store';

export function useActs(say: Say, onSay: (text: string) => void) {
  const { t } = say;
  return {
    /** Writes what can be written, and says of the rest where it is and what is wrong. */
    carry: (label: string, { wanted, rejected }: Plan) => {
      if (useStore.getState().isFixed) return onSay(t('lists.wrong.closed'));
      writeCells(t(label), wanted);
      const [first] = rejected;
      if (!first) return onSay(t('lists.acted', { act: t(label), count: wanted.length }));
      onSay(
        t('lists.rejected', {
          written: wanted.length,
          count: rejected.length,
          row: first.row + 1,
          column: headingOf(first.column, say),
          why: t(`lists.wrong.${first.why}`, { text: first.text }),
        }),
      );
    },
    stepped: (key: string, step: Promise<Outcome>) => {
      void step.then(({ label, skipped, why }) => {
        if (label === null) return onSay(why ? explain(why, t) : t('lists.nothing_more'));
        const left = skipped > 0 ? t('lists.skipped_cells', { count: skipped }) : '';
        onSay(`${t(key, { label })}${left}${why ? `：${explain(why, t)}` : ''}`);
      });
    },
  };
}
