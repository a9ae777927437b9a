import { Alert, Button, Modal, Tabs } from 'antd';
import { useState } from 'react';
import { explain } from '../api/explain';
import type { Layer } from '../api/schema';
import { useStats } from '../api/stats';
import { count, quantity } from '../format';
import { useText } from '../i18n';
import { classedFilter, figuresOf, muField } from '../layers/classes';
import { useView } from '../state/view';
import { mostConditions, writeCondition, type Condition } from '../state/where';
import { cqlOf, withCondition } from './cql';
import { ByText } from './ByText';
import { ByClass, ByFigure, ByUnit } from './Ways';
import { unitField } from './say';

const ways = ['unit', 'class', 'figure', 'text'] as const;
type Way = (typeof ways)[number];

/** One more condition, and how many parcels it would leave. */
export function FilterDialog({ subject, onClose }: { subject: Layer; onClose: () => void }) {
  const { t, own, language } = useText();
  const view = useView();
  const able = ways.filter(
    (it) =>
      it === 'text' ||
      (it === 'unit' && unitField(subject)) ||
      (it === 'class' && subject.legend.some((row) => row.match)) ||
      (it === 'figure' && figuresOf(subject).length > 0),
  );
  const [way, setWay] = useState<Way>(able[0] ?? 'text');
  const [drafts, setDrafts] = useState<Partial<Record<Way, Condition | null>>>({});
  const draft = drafts[way] ?? null;
  const where = draft ? withCondition(view.where, draft) : view.where;
  const mu = muField(subject);
  const filter = draft && cqlOf(subject, draft) !== null ? classedFilter(subject, { ...view, where }) : null;
  const found = useStats(
    filter === null
      ? null
      : { layer: subject.id, filter, ...(mu === null ? {} : { measures: [{ sum: mu }] }) },
    { keeps: false },
  );
  const isFull = where.length > mostConditions;
  const start = () => {
    view.setWhere(where);
    onClose();
  };
  const set = (it: Condition | null) => setDrafts((now) => ({ ...now, [way]: it }));
  const parts = { unit: ByUnit, class: ByClass, figure: ByFigure, text: ByText };
  return (
    <Modal
      open
      width={600}
      title={t('filter.title_of', { layer: own(subject.title) })}
      onCancel={onClose}
      footer={
        <div className="filter-foot">
          <p role="status">
            {found.data &&
              t('filter.would_leave', {
                count: count(found.data.total.count),
                mu:
                  mu === null
                    ? ''
                    : (quantity(found.data.total.measures[`sum_${mu}`]?.value, 'mu', language) ?? ''),
              })}
            {isFull && t('filter.full', { most: mostConditions })}
          </p>
          <Button type="primary" disabled={!found.data || isFull} onClick={start}>
            {t('filter.take')}
          </Button>
        </div>
      }
    >
      <Tabs
        activeKey={way}
        onChange={(to) => setWay(ways.find((it) => it === to) ?? 'text')}
        items={able.map((key) => {
          const Part = parts[key];
          return {
            key,
            label: t(`filter.way.${key}`),
            children: <Part subject={subject} draft={drafts[key] ?? null} onDraft={set} />,
          };
        })}
      />
      {found.isError && draft && (
        <Alert
          key={writeCondition(draft)}
          type="error"
          showIcon
          title={t('filter.cannot')}
          description={explain(found.error, t)}
        />
      )}
    </Modal>
  );
}
