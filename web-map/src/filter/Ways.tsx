// The ways to a condition that are chosen: by unit, by class, by the range of a figure.
import { Checkbox, Input, Select, Spin } from 'antd';
import { useState } from 'react';
import type { Layer } from '../api/schema';
import { useStats } from '../api/stats';
import { count, exact, unitName } from '../format';
import { useText } from '../i18n';
import { figuresOf } from '../layers/classes';
import { Swatch } from '../layers/Swatch';
import { useView } from '../state/view';
import { readNumber, type Condition } from '../state/where';
import { unitField } from './say';

export type WayProps = {
  subject: Layer;
  draft: Condition | null;
  onDraft: (draft: Condition | null) => void;
};

/** What the map is narrowed to already is ticked at first. */
function useTicked(field: string, draft: Condition | null): readonly (string | null)[] {
  const where = useView((it) => it.where);
  const before = where.find((it) => it.kind === 'in' && it.field === field);
  const shown = draft ?? before;
  return shown?.kind === 'in' ? shown.values : [];
}

const toggled = <T,>(all: readonly T[], it: T, isOn: boolean): T[] =>
  isOn ? [...all, it] : all.filter((one) => one !== it);

export function ByUnit({ subject, draft, onDraft }: WayProps) {
  const { t } = useText();
  const field = unitField(subject)?.name ?? '';
  const ticked = useTicked(field, draft);
  const found = useStats({ layer: subject.id, group_by: [field] });
  if (found.isPending) return <Spin size="small" />;
  return (
    <ul className="filter-choices">
      {(found.data?.groups ?? []).map((it) => {
        const key = it.key[field] ?? null;
        const value = key === null ? null : String(key);
        return (
          <li key={String(value)}>
            <Checkbox
              checked={ticked.includes(value)}
              onChange={({ target }) => onDraft(oneOf(field, toggled(ticked, value, target.checked)))}
            >
              {value ?? t('filter.missing')}
            </Checkbox>
            <span className="figure">{count(it.count)}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** The rows of the legend; one of them may stand for several values. */
export function ByClass({ subject, draft, onDraft }: WayProps) {
  const { own } = useText();
  const field = subject.legend.find((it) => it.match)?.match?.field ?? '';
  const ticked = useTicked(field, draft);
  return (
    <ul className="filter-choices">
      {subject.legend.map((row, nth) => {
        if (row.match?.field !== field) return null;
        const values: (string | null)[] =
          row.match.values.length === 0 ? [null] : row.match.values.map(String);
        return (
          <li key={nth}>
            <Checkbox
              checked={values.every((it) => ticked.includes(it))}
              onChange={({ target }) => {
                const others = ticked.filter((it) => !values.includes(it));
                onDraft(oneOf(field, target.checked ? [...others, ...values] : others));
              }}
            >
              <Swatch row={row} /> {own(row.label)}
            </Checkbox>
            <span className="figure">{count(row.count)}</span>
          </li>
        );
      })}
    </ul>
  );
}

const oneOf = (field: string, values: readonly (string | null)[]): Condition | null =>
  values.length > 0 ? { kind: 'in', field, values } : null;

/** Both ends are included; an end that is left empty is open. */
export function ByFigure({ subject, draft, onDraft }: WayProps) {
  const { t, own, language } = useText();
  const theme = useView((it) => it.theme);
  const figures = figuresOf(subject);
  const [name, setName] = useState(
    draft?.kind === 'range'
      ? draft.field
      : (figures.find((it) => it.name === theme?.field) ?? figures.at(-1))?.name,
  );
  const [from, setFrom] = useState(draft?.kind === 'range' ? (draft.from ?? '') : '');
  const [to, setTo] = useState(draft?.kind === 'range' ? (draft.to ?? '') : '');
  const field = figures.find((it) => it.name === name);
  const found = useStats(field ? { layer: subject.id, histogram: { field: field.name, bins: 2 } } : null);
  const known = found.isPlaceholderData ? undefined : found.data?.histogram;
  const change = (next: { name?: string; from?: string; to?: string }) => {
    const now = { name, from, to, ...next };
    setName(now.name);
    setFrom(now.from);
    setTo(now.to);
    onDraft(rangeOf(now.name ?? '', now.from, now.to));
  };
  const isWrong = (from !== '' || to !== '') && rangeOf(name ?? '', from, to) === null;
  return (
    <div className="choose">
      <Select
        value={name ?? null}
        aria-label={t('filter.figure')}
        onChange={(it: string) => change({ name: it })}
        options={figures.map((it) => ({ value: it.name, label: own(it.title) }))}
      />
      <div className="filter-range">
        <Input
          value={from}
          inputMode="decimal"
          aria-label={t('filter.from')}
          placeholder={t('filter.from')}
          status={isWrong ? 'error' : ''}
          onChange={(event) => change({ from: event.target.value })}
        />
        <span>–</span>
        <Input
          value={to}
          inputMode="decimal"
          aria-label={t('filter.to')}
          placeholder={t('filter.to')}
          status={isWrong ? 'error' : ''}
          onChange={(event) => change({ to: event.target.value })}
        />
        <span className="quiet">{unitName(field?.unit ?? null, language)}</span>
      </div>
      {isWrong && (
        <p role="alert" className="low">
          {t('filter.wrong')}
        </p>
      )}
      {known && field && (
        <p className="quiet">
          {t('filter.spread', {
            min: exact(known.min, field.unit, language) ?? '–',
            max: exact(known.max, field.unit, language) ?? '–',
            missing: count(known.missing),
          })}
        </p>
      )}
    </div>
  );
}

function rangeOf(field: string, from: string, to: string): Condition | null {
  const read = (it: string) => (it.trim() === '' ? null : (readNumber(it) ?? undefined));
  const [one, other] = [read(from), read(to)];
  if (one === undefined || other === undefined || (one === null && other === null)) return null;
  if (one !== null && other !== null && Number(one) > Number(other)) return null;
  return { kind: 'range', field, from: one, to: other };
}
