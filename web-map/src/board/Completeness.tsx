import { Alert, Segmented, Select, Skeleton } from 'antd';
import { useState } from 'react';
import type { Shown } from './address';
import { all, equals, isMissing } from './cql';
import { completeness, type Cell } from './presence';
import { factsOf, type Subject } from './subject';
import { explain } from '../api/explain';
import type { Field, LayerTree } from '../api/schema';
import { usePresence } from '../api/stats';
import { percent } from '../format';
import { useText } from '../i18n';

type Props = { tree: LayerTree; subject: Subject; dimension: Field; onRows: (shown: Shown) => void };

/** Which facts are known of how much of every group's land; a share opens the rows without the fact. */
export function Completeness({ tree, subject: of, dimension, onRows }: Props) {
  const { t, own } = useText();
  const able = factsOf(tree, of, dimension.name);
  const [chosen, setChosen] = useState<string | null>(null);
  const [which, setWhich] = useState<'gaps' | 'all'>('gaps');
  const subject = able.find((it) => it.layer.id === chosen) ?? able[0] ?? null;
  const fields = subject?.fields ?? [];
  const found = usePresence(
    subject?.layer.id ?? null,
    fields.map((it) => it.name),
    dimension.name,
  );
  const table = found.data ? completeness(found.data, dimension.name, fields) : null;
  const rows = table?.rows.filter((it) => which === 'all' || it.total.known < it.total.rows) ?? [];
  if (!subject) return null;
  const open = (field: Field, group: string | null) =>
    onRows({ layer: subject.layer.id, filter: all(group, isMissing(field.name)) });
  const cell = (field: Field, it: Cell, group: string | null, whose: string) => {
    const text = percent(it.rows > 0 ? it.known / it.rows : null) ?? '–';
    const missing = it.rows - it.known;
    const says = t('board.cell', { unit: whose, field: own(field.title), share: text, missing });
    return (
      <td key={whose} className={`fill-${Math.floor((it.rows > 0 ? it.known / it.rows : 0) * 4)}`}>
        {missing > 0 ? (
          <button
            type="button"
            className="number"
            title={says}
            aria-label={says}
            onClick={() => open(field, group)}
          >
            {text}
          </button>
        ) : (
          text
        )}
      </td>
    );
  };
  return (
    <section className="card" aria-labelledby="board-completeness">
      <div className="board-head">
        <h3 id="board-completeness">{t('board.completeness')}</h3>
        {able.length > 1 && (
          <Select
            value={subject.layer.id}
            onChange={setChosen}
            aria-label={t('board.layer')}
            popupMatchSelectWidth={false}
            options={able.map((it) => ({ value: it.layer.id, label: own(it.layer.title) }))}
          />
        )}
        <span className="spring" />
        <Segmented
          value={which}
          onChange={setWhich}
          aria-label={t('board.which_facts')}
          options={[
            { value: 'gaps', label: t('board.gaps') },
            { value: 'all', label: t('board.all_facts') },
          ]}
        />
      </div>
      <p className="quiet">{t('board.completeness_lead')}</p>
      {found.isError && <Alert type="error" showIcon title={explain(found.error, t)} />}
      {found.isPending && <Skeleton active />}
      {table && (
        <div className="scrolls" tabIndex={0} role="group" aria-label={t('board.by_fact')}>
          <table className="matrix">
            <thead>
              <tr>
                <th>{t('board.fact')}</th>
                <th>{t('board.everywhere')}</th>
                {table.groups.map((it) => (
                  <th key={String(it.key)}>{it.key === null ? t('board.no_value') : String(it.key)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((it) => (
                <tr key={it.field.name}>
                  <th scope="row">
                    {own(it.field.title)}
                    {it.field.supplier && (
                      <span className="quiet"> {t('board.supplier', { who: own(it.field.supplier) })}</span>
                    )}
                  </th>
                  {cell(it.field, it.total, null, t('board.everywhere'))}
                  {it.cells.map((one, nth) => {
                    const key = table.groups[nth]?.key ?? null;
                    const name = key === null ? t('board.no_value') : String(key);
                    return cell(it.field, one, equals(dimension.name, key), name);
                  })}
                </tr>
              ))}
              {rows.length === 0 && (
                <tr>
                  <td colSpan={table.groups.length + 2}>{t('board.complete')}</td>
                </tr>
              )}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
