import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Input, Table, Tag, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { explain } from '../api/explain';
import { decideObjection, useObjections } from '../api/runs';
import type { Evaluation, Objection } from '../api/schema';
import { minute } from '../format';
import { useText } from '../i18n';
import { Failure } from '../session/Failure';

type Props = { run: Evaluation; onOpen: (uscc: string) => void };

const colours = { open: 'orange', accepted: 'green', refused: 'default' } as const;

/** What was said against a run, and what was decided. */
export function ObjectionDesk({ run, onOpen }: Props) {
  const { t } = useText();
  const objections = useObjections(run.run_id);
  const columns: TableColumnsType<Objection> = [
    {
      title: t('runs.enterprise'),
      key: 'name',
      width: 220,
      className: 'wrap',
      render: (_, it) => (
        <Button type="link" className="enterprise" onClick={() => onOpen(it.uscc)}>
          {it.name ?? it.uscc}
        </Button>
      ),
    },
    {
      title: t('runs.reason'),
      key: 'reason',
      className: 'wrap',
      render: (_, it) => (
        <>
          {it.reason}
          <div className="quiet">
            {t('runs.evidence')}：{it.evidence}
          </div>
        </>
      ),
    },
    {
      title: t('runs.noted'),
      key: 'by',
      width: 170,
      render: (_, it) => (
        <>
          {minute(it.recorded_at)}
          <div className="quiet">{it.recorded_by}</div>
        </>
      ),
    },
    {
      title: t('runs.decision'),
      key: 'decision',
      width: 340,
      className: 'wrap',
      render: (_, it) =>
        it.state === 'open' && run.may.decide ? (
          <Decide it={it} />
        ) : (
          <>
            <Tag color={colours[it.state]}>{t(`runs.objection.${it.state}`)}</Tag> {it.decision}
            {it.decided_by && (
              <div className="quiet">
                {minute(it.decided_at)} {it.decided_by}
              </div>
            )}
          </>
        ),
    },
  ];
  return (
    <>
      {run.state === 'draft' && <Alert type="info" showIcon title={t('runs.not_published')} />}
      {run.may.object && <p className="quiet">{t('runs.object_how')}</p>}
      {objections.isError && <Alert type="error" showIcon title={explain(objections.error, t)} />}
      <Table<Objection>
        size="middle"
        rowKey="objection_id"
        columns={columns}
        dataSource={objections.data ?? []}
        loading={objections.isPending}
        pagination={false}
        scroll={{ x: 960 }}
        locale={{ emptyText: objections.isPending ? ' ' : t('runs.no_objections') }}
      />
    </>
  );
}

function Decide({ it }: { it: Objection }) {
  const { t } = useText();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const decide = useAction(async (state: 'accepted' | 'refused') => {
    await decideObjection(it, { state, decision: text });
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['objections', it.run_id] }),
      queries.invalidateQueries({ queryKey: ['run', it.run_id] }),
    ]);
  });
  const empty = text.trim() === '';
  return (
    <>
      <Input.TextArea
        rows={2}
        maxLength={4000}
        aria-label={t('runs.decision')}
        placeholder={t('runs.decision_example')}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="row-actions decide">
        <Button size="small" disabled={empty} loading={decide.busy} onClick={() => decide.run('accepted')}>
          {t('runs.accept')}
        </Button>
        <Button size="small" disabled={empty} loading={decide.busy} onClick={() => decide.run('refused')}>
          {t('runs.refuse')}
        </Button>
      </div>
      <Failure title={t('runs.not_done')} why={decide.failure} />
    </>
  );
}
