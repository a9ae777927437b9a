import { ArrowLeftOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Skeleton } from 'antd';
import type { Import, ImportOptions } from '../api/schema';
import { useAction } from '../api/action';
import { Problem } from '../api/client';
import { explain } from '../api/explain';
import { preview, useImport, useTargets } from '../api/imports';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { importPage, importPath } from '../state/url';
import { Asked } from './Asked';
import { AskedMapping } from './AskedMapping';
import { Detection } from './Detection';
import { ImportHead } from './ImportHead';
import { useFollowedJob, type Trouble } from './job';
import { optionsOf } from './options';
import { Outcome } from './Outcome';
import { phaseOf, previewKey } from './phase';
import { Review } from './Review';
import { inLanguage } from './say';
import { Working } from './Working';

/** One import: whatever it waits for, and what was found. */
export function ImportScreen({ batchId, onList }: { batchId: number; onList: () => void }) {
  const { t } = useText();
  const found = useImport(batchId);
  const trouble = useFollowedJob(found.data);
  const missing = found.error instanceof Problem && found.error.status === 404;
  return (
    <>
      <a
        className="back"
        href={toPath(importPage)}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          onList();
        }}
      >
        <ArrowLeftOutlined aria-hidden /> {t('import.all')}
      </a>
      {found.data ? (
        <One it={found.data} trouble={trouble} onList={onList} />
      ) : found.isError ? (
        <Alert
          className="failure"
          type="error"
          showIcon
          title={t(missing ? 'import.not_found' : 'import.failed_to_load', { batch: batchId })}
          description={missing ? t('import.not_found_help') : explain(found.error, t)}
          action={!missing && <Button onClick={() => void found.refetch()}>{t('error.retry')}</Button>}
        />
      ) : (
        <Skeleton active />
      )}
    </>
  );
}

function One({ it, trouble, onList }: { it: Import; trouble: Trouble; onList: () => void }) {
  const { t, language } = useText();
  const queries = useQueryClient();
  const targets = useTargets().data ?? [];
  const phase = phaseOf(it);
  const options = optionsOf(it);
  const again = useAction(async (given: ImportOptions) => {
    const job = await preview(it.batch_id, given);
    queries.setQueryData<Import>(['import', it.batch_id], (old) => old && { ...old, options: given, job });
  });
  const refetch = () => void queries.invalidateQueries({ queryKey: ['import', it.batch_id] });
  const correct = (given: ImportOptions) => again.run(given);

  return (
    <>
      <ImportHead it={it} targets={targets} phase={phase} onGone={onList} />
      <Announced phase={phase.is} />
      {it.same_as !== null && phase.is !== 'applied' && phase.is !== 'undone' && (
        <Alert
          className="failure"
          type="info"
          showIcon
          title={
            <>
              {t('import.same_as')}{' '}
              <a href={toPath(importPath(it.same_as))}>{t('import.batch', { batch: it.same_as })}</a>
            </>
          }
        />
      )}
      {again.failure && (
        <Alert
          className="failure"
          type="error"
          showIcon
          title={t('import.preview_refused')}
          description={again.failure}
        />
      )}
      {phase.is === 'working' && (
        <Working
          job={phase.job}
          trouble={trouble}
          onAgain={options === null ? null : () => correct(options)}
          onCancelled={refetch}
        />
      )}
      {phase.is === 'asked' && options && phase.parameter === 'mapping' && (
        <AskedMapping
          key={phase.error.detail}
          error={phase.error}
          options={options}
          target={targets.find((one) => one.id === options.into) ?? null}
          busy={again.busy}
          onAnswer={correct}
        />
      )}
      {phase.is === 'asked' && options && phase.parameter !== 'mapping' && (
        <Asked
          key={phase.error.detail}
          error={phase.error}
          parameter={phase.parameter}
          options={options}
          busy={again.busy}
          onAnswer={correct}
        />
      )}
      {phase.is === 'failed' && (
        <Alert
          className="failure"
          type="error"
          showIcon
          title={inLanguage(phase.error.title, language) || t('import.preview_failed')}
          description={<span className="lines">{inLanguage(phase.error.detail, language)}</span>}
        />
      )}
      {phase.is === 'cancelled' && (
        <Alert className="failure" type="info" showIcon title={t('import.was_cancelled')} />
      )}
      {phase.is === 'discarded' && (
        <Alert className="failure" type="info" showIcon title={t('import.was_discarded')} />
      )}
      {['asked', 'failed', 'cancelled', 'uploaded'].includes(phase.is) && (
        <section className="card">
          <h3>{t('import.tab.detection')}</h3>
          <Detection it={it} report={null} targets={targets} busy={again.busy} editable onCorrect={correct} />
        </section>
      )}
      {(phase.is === 'applied' || phase.is === 'undone') && (
        <Outcome it={it} phase={phase} onQueued={refetch} />
      )}
      {(phase.is === 'previewed' || phase.is === 'applied' || phase.is === 'undone') && phase.report && (
        <Review
          key={previewKey(it)}
          it={it}
          report={phase.report}
          editable={phase.is === 'previewed'}
          trouble={phase.is === 'previewed' ? phase.trouble : null}
          targets={targets}
          busy={again.busy}
          onCorrect={correct}
          onApplied={refetch}
        />
      )}
    </>
  );
}

/** For those who do not see the page change. */
function Announced({ phase }: { phase: string }) {
  const { t } = useText();
  return (
    <p className="unseen" role="status">
      {t(`import.phase.${phase}`)}
    </p>
  );
}
