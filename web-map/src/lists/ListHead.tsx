import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Popconfirm, Tag } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { changeList, type List } from '../api/lists';
import type { Session } from '../api/schema';
import { useText } from '../i18n';
import { AddDialog } from './AddDialog';
import { Papers } from './Papers';
import { save, useStore } from './store';
import { stateColour } from './Register';
import { TargetBar } from './TargetBar';
import { VersionsDrawer } from './VersionsDrawer';
import { sum } from './sums';
import { isUnsaved } from './sheet';

type Props = { list: List; session: Session; onRegister: () => void };

/** What the list is, how far from its target, and what may be done with the whole of it. */
export function ListHead({ list, session, onRegister }: Props) {
  const { t } = useText();
  const queries = useQueryClient();
  const { total, sheet } = useStore();
  const [isAdding, setAdding] = useState(false);
  const [isComparing, setComparing] = useState(false);
  const isOurs = list.responsible_unit !== null || session.responsible_units === null;
  const move = useAction(async (state: string) => {
    await save();
    const changed = await changeList(list, { state });
    queries.setQueryData(['list', list.list_id], changed);
    await queries.invalidateQueries({ queryKey: ['lists'] });
  });
  const next = list.state === 'draft' ? 'submitted' : list.state === 'submitted' ? 'closed' : null;
  const now = total ? { area_mu: sum([total.area_mu]), counted_mu: sum([total.counted_mu]) } : {};
  return (
    <div className="list-head">
      <div className="list-head-row">
        <Button type="link" className="back" onClick={onRegister} aria-label={t('lists.to_register')}>
          ←
        </Button>
        <h2 title={list.note ?? undefined}>{list.name}</h2>
        <Tag color={stateColour[list.state]}>{t(`lists.list_state.${list.state}`)}</Tag>
        <span className="quiet">
          {t(`lists.kind.${list.kind}`)} · {list.year} · {list.responsible_unit ?? t('lists.district')}
        </span>
        <TargetBar list={{ ...list, ...now }} />
        <span className="spring" />
        <Button size="small" onClick={() => setAdding(true)} disabled={list.state === 'closed'}>
          {t('lists.add')}
        </Button>
        <Button size="small" onClick={() => setComparing(true)}>
          {t('lists.versions')}
        </Button>
        <Papers list={list} isUnsaved={isUnsaved(sheet)} />
        {isOurs && list.state === 'submitted' && (
          <Button size="small" onClick={() => move.run('draft')} loading={move.busy}>
            {t('lists.take_back')}
          </Button>
        )}
        {isOurs && next && (
          <Popconfirm
            title={t(`lists.sure.${next}`)}
            okText={t(`lists.to.${next}`)}
            onConfirm={() => move.run(next)}
          >
            <Button size="small" type="primary" loading={move.busy}>
              {t(`lists.to.${next}`)}
            </Button>
          </Popconfirm>
        )}
      </div>
      {move.failure && <Alert type="error" showIcon title={move.failure} closable />}
      {isAdding && <AddDialog list={list} onClose={() => setAdding(false)} />}
      {isComparing && <VersionsDrawer list={list} onClose={() => setComparing(false)} />}
    </div>
  );
}
