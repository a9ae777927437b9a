// Selecting: from an area, a condition or codes to the selection in the view, and what came of it in words.
import { App } from 'antd';
import { useCallback } from 'react';
import { explain } from '../../api/explain';
import type { Layer } from '../../api/schema';
import { count } from '../../format';
import { useText } from '../../i18n';
import { both } from '../../filter/cql';
import { classedFilter } from '../../layers/classes';
import { useView } from '../../state/view';
import { findRows } from './rows';
import { chosenAtMost, combined, useSelect } from './store';

export function useChoose(layer: Layer | null) {
  const { t } = useText();
  const { message } = App.useApp();
  const setChosen = useView((it) => it.setChosen);

  /** Takes the codes into the selection, as the mode says; how many there are then. */
  const take = useCallback(
    (codes: readonly string[]) => {
      const all = combined(useView.getState().chosen, codes, useSelect.getState().combine);
      if (all.length > chosenAtMost) {
        message.warning(t('select.too_many', { most: count(chosenAtMost) }), 6);
        setChosen(all.slice(0, chosenAtMost));
        return;
      }
      if (codes.length === 0) message.info(t('select.none'));
      setChosen(all);
    },
    [message, setChosen, t],
  );

  const takeWhere = useCallback(
    async (filter: string) => {
      if (!layer) return;
      const done = message.loading(t('select.busy'), 0);
      try {
        // What is not on the map is not selected by its place.
        const shown = both(`(${filter})`, classedFilter(layer, useView.getState())) ?? filter;
        take((await findRows(layer, shown)).codes);
      } catch (error) {
        message.error(t('select.failed', { why: explain(error, t) }), 8);
      } finally {
        done();
      }
    },
    [layer, message, take, t],
  );
  return { take, takeWhere };
}
