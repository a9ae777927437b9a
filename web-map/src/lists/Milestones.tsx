import { Alert, Button, Input, Popconfirm } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { noteEvent, type CaseSheet } from '../api/lists';
import type { OnDone } from './CaseDrawer';
import { turnOfMilestone } from './reverse';
import type { Say } from './show';
import { remember, writeCells } from './store';

type Props = { of: CaseSheet; say: Say; isClosed: boolean; onDone: OnDone };

/** The stations of the path: in which quarter each is planned, on which day it was reached. */
export function Milestones({ of, say, isClosed, onDone }: Props) {
  const { t, language } = say;
  const it = of.case;
  const [reason, setReason] = useState('');
  const note = useAction(async (milestone: string, undo: boolean) => {
    const event = { kind: 'milestone' as const, milestone, ...(undo ? { undo, reason } : {}) };
    const noted = await noteEvent(it, event);
    const title = of.milestones.find((one) => one.id === milestone)?.[language] ?? milestone;
    const label = `${t(undo ? 'lists.unreach' : 'lists.reach')} ${title} ${it.case_code}`;
    remember(label, [turnOfMilestone(it, noted.case, milestone, t('lists.undo_reason', { label }))]);
    await onDone(noted.case);
    setReason('');
  });
  if (of.milestones.length === 0) return <p className="quiet">{t('lists.path_first')}</p>;
  const plan = (milestone: string, quarter: string) => {
    const others = Object.fromEntries(Object.entries(it.nodes).filter(([id]) => id !== milestone));
    const nodes = quarter === '' ? others : { ...others, [milestone]: quarter };
    writeCells(t('lists.column.nodes'), [{ code: it.case_code, member: 'nodes', value: nodes }]);
  };
  const mayReach = !isClosed && it.state === 'in_progress' && !it.held;
  return (
    <section>
      <h3>{t('lists.milestones')}</h3>
      <ol className="milestones">
        {of.milestones.map((one) => {
          const day = it.reached[one.id];
          return (
            <li key={one.id} className={day ? 'reached' : ''}>
              <b>{one[language]}</b>
              <Quarter
                value={it.nodes[one.id] ?? ''}
                label={t('lists.quarter_of', { milestone: one[language] })}
                disabled={isClosed || ['closed', 'removed'].includes(it.state)}
                onChange={(quarter) => plan(one.id, quarter)}
              />
              <span>{day ? t('lists.reached_on', { day }) : ''}</span>
              {mayReach && !day && (
                <Button size="small" loading={note.busy} onClick={() => note.run(one.id, false)}>
                  {t('lists.reach')}
                </Button>
              )}
              {mayReach && day && (
                <Popconfirm
                  title={t('lists.unreach')}
                  okText={t('lists.unreach')}
                  okButtonProps={{ disabled: reason.trim() === '' }}
                  description={
                    <Input
                      value={reason}
                      onChange={(event) => setReason(event.target.value)}
                      placeholder={t('lists.reason')}
                      aria-label={t('lists.reason')}
                    />
                  }
                  onConfirm={() => note.run(one.id, true)}
                >
                  <Button size="small" type="text">
                    {t('lists.unreach')}
                  </Button>
                </Popconfirm>
              )}
            </li>
          );
        })}
      </ol>
      {note.failure && <Alert type="error" showIcon title={note.failure} />}
    </section>
  );
}

type QuarterProps = { value: string; label: string; disabled: boolean; onChange: (to: string) => void };

/** A year and a quarter, ten years around this one; nothing where none is planned. */
function Quarter({ value, label, disabled, onChange }: QuarterProps) {
  const year = new Date().getFullYear();
  const known = Array.from({ length: 28 }, (_, nth) => `${year - 2 + Math.floor(nth / 4)}Q${(nth % 4) + 1}`);
  const all = value !== '' && !known.includes(value) ? [value, ...known] : known;
  return (
    <select
      value={value}
      aria-label={label}
      disabled={disabled}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">–</option>
      {all.map((it) => (
        <option key={it}>{it}</option>
      ))}
    </select>
  );
}
