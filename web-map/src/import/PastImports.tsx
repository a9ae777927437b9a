import { Alert, Button, Table, type TableColumnsType } from 'antd';
import { explain } from '../api/explain';
import type { Import } from '../api/schema';
import { useImports, useTargets } from '../api/imports';
import { count, minute } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { importPath } from '../state/url';
import { phaseOf } from './phase';
import { UndoButton } from './UndoButton';

/** Newest first; each leads to its own page. */
export function PastImports({ onOpen }: { onOpen: (batchId: number) => void }) {
  const { t, own } = useText();
  const imports = useImports();
  const targets = useTargets().data;
  const titleOf = (into: string | null) => {
    const found = targets?.find((it) => it.id === into);
    return found ? own(found.title) : (into ?? '–');
  };
  const columns: TableColumnsType<Import> = [
    {
      title: t('import.file'),
      key: 'file',
      className: 'wrap',
      render: (_, it) => (
        <a
          href={toPath(importPath(it.batch_id))}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            onOpen(it.batch_id);
          }}
        >
          {it.undoes === null ? it.file : t('import.undoing_of', { batch: it.undoes })}
        </a>
      ),
    },
    {
      title: t('import.into'),
      key: 'into',
      width: 180,
      className: 'wrap',
      render: (_, it) => titleOf(it.into),
    },
    { title: t('import.state_label'), key: 'state', width: 120, render: (_, it) => <State of={it} /> },
    { title: t('import.counts'), key: 'counts', width: 280, render: (_, it) => <Counts of={it} /> },
    { title: t('import.who'), dataIndex: 'recorded_by', className: 'wrap', width: 140 },
    {
      title: t('import.when'),
      key: 'when',
      width: 150,
      render: (_, it) => minute(it.applied_at ?? it.recorded_at),
    },
    {
      key: 'undo',
      width: 90,
      render: (_, it) =>
        phaseOf(it).is === 'applied' &&
        it.undoes === null && (
          <UndoButton batchId={it.batch_id} size="small" onQueued={() => onOpen(it.batch_id)} />
        ),
    },
  ];
  return (
    <section className="card past-imports">
      <div className="card-head">
        <h3>{t('import.past')}</h3>
        <Button onClick={() => void imports.refetch()} loading={imports.isRefetching}>
          {t('admin.refresh')}
        </Button>
      </div>
      {imports.isError && (
        <Alert className="failure" type="error" showIcon title={explain(imports.error, t)} />
      )}
      <Table<Import>
        size="middle"
        tableLayout="fixed"
        scroll={{ x: 1080 }}
        rowKey="batch_id"
        columns={columns}
        dataSource={imports.data?.pages.flatMap((it) => it.imports) ?? []}
        loading={imports.isPending}
        pagination={false}
        locale={{ emptyText: imports.isPending || imports.isError ? ' ' : t('import.none_yet') }}
      />
      {imports.hasNextPage && (
        <div className="older">
          <Button loading={imports.isFetchingNextPage} onClick={() => void imports.fetchNextPage()}>
            {t('admin.older')}
          </Button>
        </div>
      )}
    </section>
  );
}

export function State({ of }: { of: Import }) {
  const { t } = useText();
  const { is } = phaseOf(of);
  if (of.undoes !== null) return <span className="import-state undone">{t('import.phase.undid')}</span>;
  return <span className={`import-state ${is}`}>{t(`import.phase.${is}`)}</span>;
}

function Counts({ of }: { of: Import }) {
  const { t } = useText();
  if (!of.report) return <span className="quiet">–</span>;
  const { added, changed, unchanged, rejected } = of.report.rows;
  return (
    <span className="quiet">
      {t('import.counts_line', {
        added: count(added),
        changed: count(changed),
        unchanged: count(unchanged),
        rejected: count(rejected),
      })}
    </span>
  );
}
