import { Alert, Button, Input } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { noteEvent, type Case } from '../api/lists';
import { decimal } from '../format';
import type { OnDone } from './CaseDrawer';
import type { Say } from './show';

type Props = { of: Case; say: Say; isClosed: boolean; onDone: OnDone };

/** What was disposed of, in parts: each at most what remains. */
export function Land({ of, say, isClosed, onDone }: Props) {
  const { t } = say;
  const [area, setArea] = useState('');
  const [on, setOn] = useState('');
  const dispose = useAction(async () => {
    const event = { kind: 'disposal' as const, area_mu: area.trim(), ...(on ? { on } : {}) };
    await onDone((await noteEvent(of, event)).case);
    setArea('');
  });
  return (
    <section>
      <h3>{t('lists.land')}</h3>
      <dl className="land">
        {(['area_mu', 'plan_area_mu', 'disposed_mu', 'remaining_mu', 'counted_mu'] as const).map((id) => (
          <div key={id}>
            <dt>{t(`lists.column.${id}`)}</dt>
            <dd title={of[id] ?? ''}>{decimal(of[id], 2) ?? '–'}</dd>
          </div>
        ))}
      </dl>
      {of.state === 'in_progress' && !of.held && !isClosed && (
        <div className="dispose">
          <Input
            value={area}
            inputMode="decimal"
            onChange={(event) => setArea(event.target.value)}
            placeholder={t('lists.dispose_area', { left: decimal(of.remaining_mu, 2) })}
            aria-label={t('lists.column.disposed_mu')}
          />
          <Input
            type="date"
            value={on}
            onChange={(event) => setOn(event.target.value)}
            aria-label={t('lists.on_day')}
          />
          <Button disabled={area.trim() === ''} loading={dispose.busy} onClick={() => dispose.run()}>
            {t('lists.dispose')}
          </Button>
          <span className="quiet">{t('lists.dispose_stays')}</span>
        </div>
      )}
      {dispose.failure && <Alert type="error" showIcon title={dispose.failure} />}
    </section>
  );
}
