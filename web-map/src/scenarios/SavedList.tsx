import { Button, Popconfirm, Table, Tag } from 'antd';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAction } from '../api/action';
import { useScenarios, withdrawScenario } from '../api/scenarios';
import type { Scenario, Session } from '../api/schema';
import { decimal } from '../format';
import { useText } from '../i18n';
import { mayImport } from '../session/roles';
import { AdoptDialog } from './AdoptDialog';
import { ComparisonDialog } from './ComparisonDialog';

/** Saved scenarios: open one, lay two beside each other, adopt one. */
export function SavedList({ session, onOpen }: { session: Session; onOpen: (it: Scenario) => void }) {
  const { t } = useText();
  const queries = useQueryClient();
  const saved = useScenarios().data ?? [];
  const [picked, setPicked] = useState<number[]>([]);
  const [comparing, setComparing] = useState(false);
  const [adopting, setAdopting] = useState<Scenario | null>(null);
  const withdraw = useAction(async (id: number) => {
    await withdrawScenario(id);
    setPicked((it) => it.filter((own) => own !== id));
    await queries.invalidateQueries({ queryKey: ['scenarios'] });
  });
  const chosen = saved.filter((it) => picked.includes(it.scenario_id));
  const isSteward = mayImport(session);
  return (
    <section className="card saved" aria-label={t('scenarios.saved')}>
      <div className="units-head">
        <h3>{t('scenarios.saved')}</h3>
        <span className="spring" />
        <span className="quiet small">{t('scenarios.pick')}</span>
        <Button
          size="small"
          disabled={picked.length < 1 || picked.length > 2}
          onClick={() => setComparing(true)}
        >
          {t(picked.length === 2 ? 'scenarios.compare' : 'scenarios.compare_run')}
        </Button>
      </div>
      <Table<Scenario>
        size="small"
        rowKey="scenario_id"
        dataSource={saved}
        pagination={saved.length > 10 ? { pageSize: 10, size: 'small' } : false}
        locale={{ emptyText: <span className="quiet">{t('scenarios.none_saved')}</span> }}
        rowSelection={{
          selectedRowKeys: picked,
          hideSelectAll: true,
          onChange: (keys) => setPicked(keys.map(Number).slice(-2)),
          getCheckboxProps: (it) => ({ 'aria-label': it.title }),
        }}
        columns={[
          {
            title: t('scenarios.name'),
            render: (_, it) => (
              <>
                <Button type="link" size="small" onClick={() => onOpen(it)} title={it.note ?? undefined}>
                  {it.title}
                </Button>
                {it.adopted_as !== null && <Tag color="green">{t('scenarios.adopted')}</Tag>}
              </>
            ),
          },
          { title: t('scenarios.changed'), render: (_, it) => <Changed it={it} /> },
          { title: t('scenarios.by_whom'), dataIndex: 'recorded_by' },
          { title: t('scenarios.when'), render: (_, it) => it.recorded_at.slice(0, 10) },
          {
            title: '',
            align: 'right',
            render: (_, it) => (
              <>
                {isSteward && (
                  <Button size="small" type="link" onClick={() => setAdopting(it)}>
                    {t('scenarios.adopt')}
                  </Button>
                )}
                {(isSteward || it.recorded_by === session.account) && (
                  <Popconfirm
                    title={t('scenarios.withdraw_sure')}
                    okText={t('scenarios.withdraw')}
                    onConfirm={() => withdraw.run(it.scenario_id)}
                  >
                    <Button size="small" type="link" danger>
                      {t('scenarios.withdraw')}
                    </Button>
                  </Popconfirm>
                )}
              </>
            ),
          },
        ]}
      />
      {withdraw.failure && <p className="less">{withdraw.failure}</p>}
      {comparing && chosen.length > 0 && (
        <ComparisonDialog
          left={chosen.length === 2 ? (chosen[1] ?? null) : null}
          right={chosen[0] ?? null}
          onClose={() => setComparing(false)}
        />
      )}
      {adopting && <AdoptDialog scenario={adopting} onClose={() => setAdopting(null)} />}
    </section>
  );
}

/** What a scenario changes, in a few words. */
function Changed({ it }: { it: Scenario }) {
  const { t, own, language } = useText();
  const parameters = Object.keys(it.changes.parameters).map((id) => {
    const parameter = it.parameters.find((own) => own.id === id);
    const value = decimal(parameter?.value, 4, true) ?? parameter?.value ?? '';
    return `${parameter ? own(parameter.title) : id} ${value}`;
  });
  const rules = Object.entries(it.changes.rules).map(([id, rule]) =>
    t(rule === null ? 'scenarios.without_rule' : 'scenarios.with_rule', { rule: id }),
  );
  return <span className="small">{[...parameters, ...rules].join(language === 'en' ? '; ' : '；')}</span>;
}
