import { useQueryClient } from '@tanstack/react-query';
import { Alert, Drawer, Skeleton, Tabs } from 'antd';
import { useCallback, useEffect } from 'react';
import { explain } from '../api/explain';
import { useCase, type CaseSheet, type List } from '../api/lists';
import { sheetPath } from '../api/papers';
import { decimal } from '../format';
import { toPath } from '../state/base';
import { dossierPath } from '../state/url';
import { Attachments } from './Attachments';
import { Comments } from './Comments';
import { History } from './History';
import { Land } from './Land';
import { Members } from './Members';
import { Milestones } from './Milestones';
import type { Say } from './show';
import { Stages } from './Stages';
import { StepButtons } from './StepButtons';
import { save, take, useStore } from './store';

type Props = { code: string | null; list: List; say: Say; isDistrict: boolean; onClose: () => void };

/** One case: how far it is, what may be done, what was planned and reached, and all that happened. */
export function CaseDrawer({ code, list, say, isDistrict, onClose }: Props) {
  const { t } = say;
  const queries = useQueryClient();
  const found = useCase(code);
  const newest = useStore(({ sheet }) => (code === null ? undefined : sheet.rows.get(code)?.row_id));
  const sheet = found.data;
  const isBehind = sheet !== undefined && newest !== undefined && newest > sheet.case.row_id;
  const reload = useCallback(async () => {
    const keys = [
      ['case', code],
      ['case_events', code],
    ];
    await Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })));
  }, [queries, code]);
  // The table saves by itself, and hears of others; the drawer follows.
  useEffect(() => {
    if (isBehind) void reload();
  }, [isBehind, newest, reload]);
  return (
    <Drawer
      open={code !== null}
      onClose={onClose}
      size={640}
      destroyOnHidden
      title={
        sheet
          ? `${sheet.case.case_code} ${sheet.case.enterprise_name ?? sheet.case.name ?? ''}`
          : (code ?? '')
      }
    >
      {found.isError && <Alert type="error" showIcon title={explain(found.error, t)} />}
      {found.isPending && code !== null && <Skeleton active />}
      {sheet && (
        <Body
          key={sheet.case.case_code}
          of={sheet}
          list={list}
          say={say}
          isDistrict={isDistrict}
          onDone={async (row) => {
            take(row);
            await reload();
          }}
        />
      )}
    </Drawer>
  );
}

export type OnDone = (row: CaseSheet['case']) => Promise<void>;

type BodyProps = { of: CaseSheet; list: List; say: Say; isDistrict: boolean; onDone: OnDone };

function Body({ of, list, say, isDistrict, onDone }: BodyProps) {
  const { t } = say;
  const it = of.case;
  const isClosed = list.state === 'closed';
  return (
    <div className="case">
      <p className="case-facts">
        <a href={toPath(dossierPath(it.parcel_code))}>{it.parcel_code}</a> · {it.responsible_unit ?? '–'} ·{' '}
        {t('lists.case_area', {
          area: decimal(it.area_mu, 2),
          disposed: decimal(it.disposed_mu, 2),
          left: decimal(it.remaining_mu, 2),
          counted: decimal(it.counted_mu, 2),
        })}
      </p>
      <p className="case-sheets">
        {(['parcel', 'enterprise'] as const).map((kind) => (
          <a
            key={kind}
            href={toPath(sheetPath(it.case_code, kind, say.language))}
            target="_blank"
            rel="noreferrer"
          >
            {t(`lists.sheet.${kind}`)}
          </a>
        ))}
      </p>
      <Stages state={it.state} held={it.held} say={say} />
      {!isClosed && <StepButtons of={of} say={say} isDistrict={isDistrict} onDone={onDone} onBefore={save} />}
      <Tabs
        items={[
          {
            key: 'work',
            label: t('lists.tab.work'),
            children: (
              <>
                <Milestones of={of} say={say} isClosed={isClosed} onDone={onDone} />
                <Land of={it} say={say} isClosed={isClosed} onDone={onDone} />
              </>
            ),
          },
          { key: 'members', label: t('lists.tab.members'), children: <Members of={it} say={say} /> },
          {
            key: 'comments',
            label: t('lists.tab.comments'),
            children: <Comments of={it} isClosed={isClosed} onDone={onDone} />,
          },
          {
            key: 'attachments',
            label: t('lists.tab.attachments'),
            children: <Attachments code={it.case_code} isClosed={isClosed} />,
          },
          { key: 'history', label: t('lists.tab.history'), children: <History of={it} say={say} /> },
        ]}
      />
    </div>
  );
}
