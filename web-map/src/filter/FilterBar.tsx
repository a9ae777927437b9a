import { CloseOutlined, FilterOutlined } from '@ant-design/icons';
import { Alert, Button } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { explain } from '../api/explain';
import type { Layer, LayerTree } from '../api/schema';
import { useText } from '../i18n';
import { useView } from '../state/view';
import { writeCondition } from '../state/where';
import { cqlOf } from './cql';
import { sayCondition } from './say';
import type { Narrowed } from './use-narrowed';
import './filter.css';

const FilterDialog = lazy(() => import('./FilterDialog').then((it) => ({ default: it.FilterDialog })));

type Props = { tree: LayerTree; subject: Layer | null; refused: Narrowed['refused'] };

/** What the map is narrowed to: a chip for each condition, taken away by its cross. */
export function FilterBar({ tree, subject, refused }: Props) {
  const told = useText();
  const { t } = told;
  const { where, setWhere } = useView();
  const [asks, setAsks] = useState(false);
  if (!subject && where.length === 0) return null;
  return (
    <section className="filter-bar" aria-label={t('filter.title')}>
      {subject && (
        <Button icon={<FilterOutlined />} onClick={() => setAsks(true)}>
          {t('filter.add')}
        </Button>
      )}
      {where.length > 0 && (
        <ul className="chips">
          {where.map((it) => {
            const said = sayCondition(tree, it, told);
            const isBad = refused.some(({ condition }) => condition === it);
            const isIdle = !isBad && subject !== null && cqlOf(subject, it) === null;
            return (
              <li
                key={writeCondition(it)}
                className={isBad ? 'chip bad' : isIdle ? 'chip idle' : 'chip'}
                title={isIdle ? t('filter.idle') : said}
              >
                <span>{said}</span>
                {isIdle && <em>{t('filter.idle_short')}</em>}
                <button
                  type="button"
                  aria-label={t('filter.remove', { said })}
                  onClick={() => setWhere(where.filter((one) => one !== it))}
                >
                  <CloseOutlined />
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {where.length > 1 && <Button onClick={() => setWhere([])}>{t('filter.clear')}</Button>}
      {refused.map(({ condition, error }) => (
        <Alert
          key={writeCondition(condition)}
          type="error"
          showIcon
          title={t('filter.refused')}
          description={explain(error, t)}
        />
      ))}
      {asks && subject && (
        <Suspense fallback={null}>
          <FilterDialog subject={subject} onClose={() => setAsks(false)} />
        </Suspense>
      )}
    </section>
  );
}
