import { CloseOutlined, TableOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useMemo } from 'react';
import type { Layer, LegendRow } from '../../api/schema';
import { useStats, type Stats } from '../../api/stats';
import { count, quantity } from '../../format';
import { useText } from '../../i18n';
import { classedFilter, muField } from '../../layers/classes';
import { IntoListButton } from '../../lists/IntoListButton';
import { useView } from '../../state/view';
import { codeOf, useChosenRows } from './rows';
import { useSelect } from './store';

/** What the selection comes to, and what can be done with it. */
export function SelectionBar({ subject }: { subject: Layer | null }) {
  const { t, own, language } = useText();
  const view = useView();
  const { chosen, setChosen } = view;
  const { isTableOpen } = useSelect();
  const rows = useChosenRows(subject).data;
  const ids = useMemo(() => (chosen.length > 0 ? (rows ?? []).map((it) => it.id) : []), [rows, chosen]);
  const codes = useMemo(
    () => (subject && chosen.length > 0 ? (rows ?? []).flatMap((it) => codeOf(subject, it) ?? []) : []),
    [rows, subject, chosen],
  );
  const mu = subject ? muField(subject) : null;
  const money = subject?.fields.find((it) => it.readable && it.unit === 'wan') ?? null;
  const byClass = subject ? classField(subject) : null;
  // Nothing selected: what the conditions and the ticks leave.
  const shown = subject && chosen.length === 0 ? classedFilter(subject, view) : null;
  const stats = useStats(
    subject && (ids.length > 0 || shown !== null)
      ? {
          layer: subject.id,
          ...(shown === null ? { ids } : { filter: shown }),
          measures: [mu, money?.name ?? null].flatMap((it) => (it === null ? [] : [{ sum: it }])),
          ...(byClass ? { group_by: [byClass] } : {}),
        }
      : null,
  );
  const total = stats.data?.total;
  // Figures of an older selection are not shown for this one.
  const isOld = stats.isPlaceholderData || stats.isFetching;
  const sum = (name: string | null) => (name === null ? undefined : total?.measures[`sum_${name}`]);
  const land = sum(mu);
  const worth = sum(money?.name ?? null);
  return (
    <section className="selection-bar" aria-label={t('select.bar')}>
      {chosen.length === 0 && shown === null ? (
        <span className="quiet">{t('select.nothing')}</span>
      ) : (
        <p role="status" className={isOld ? 'sums old' : 'sums'}>
          <strong>
            {shown === null
              ? t('select.chosen', { count: count(chosen.length) })
              : t('filter.left', { count: stats.isError ? '–' : (count(total?.count) ?? '…') })}
          </strong>
          {land && <span>{quantity(land.value, 'mu', language)}</span>}
          {worth && money && (
            <span>
              {own(money.title)} {quantity(worth.value, money.unit, language) ?? t('theme.missing')}
              {worth.missing > 0 && <em>{t('select.missing_of', { count: count(worth.missing) })}</em>}
            </span>
          )}
          {subject && stats.data && byClass && <Groups layer={subject} stats={stats.data} field={byClass} />}
          {rows && rows.length < chosen.length && (
            <span className="low">{t('select.gone', { count: count(chosen.length - rows.length) })}</span>
          )}
          {stats.data?.rows === 'own_units' && <span className="quiet">{t('select.own_units')}</span>}
        </p>
      )}
      <span className="spring" />
      <Button
        size="small"
        icon={<TableOutlined />}
        aria-expanded={isTableOpen}
        onClick={() => useSelect.setState({ isTableOpen: !isTableOpen })}
      >
        {t(chosen.length > 0 ? 'select.table' : 'select.table_all')}
      </Button>
      {chosen.length > 0 && (
        <>
          <IntoListButton type="primary" codes={codes} />
          <Button size="small" icon={<CloseOutlined />} onClick={() => setChosen([])}>
            {t('select.clear')}
          </Button>
        </>
      )}
    </section>
  );
}

/** The field that the legend's rows tell apart. */
function classField(layer: Layer): string | null {
  const name = layer.legend.find((it) => it.match)?.match?.field;
  const field = layer.fields.find((it) => it.name === name);
  return field && field.readable && field.type !== 'decimal' ? field.name : null;
}

function Groups({ layer, stats, field }: { layer: Layer; stats: Stats; field: string }) {
  const { own } = useText();
  const rowOf = (value: unknown): LegendRow | undefined =>
    layer.legend.find(
      ({ match }) =>
        match?.field === field &&
        (value === null
          ? match.values.length === 0
          : match.values.some((it) => String(it) === String(value))),
    );
  return (
    <span className="groups">
      {stats.groups.map((it) => {
        const value = it.key[field];
        const row = rowOf(value ?? null);
        return (
          <span key={String(value)}>
            {row ? own(row.label) : String(value ?? '')} <b>{count(it.count)}</b>
          </span>
        );
      })}
    </span>
  );
}
