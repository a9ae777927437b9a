import { Alert, Empty, Segmented, Skeleton } from 'antd';
import { useState } from 'react';
import { readBoard, writeBoard, type BoardView, type Shown } from './address';
import { ByUnit } from './ByUnit';
import { Completeness } from './Completeness';
import { Plan } from './Plan';
import { Ranking } from './Ranking';
import { RowsDrawer } from './RowsDrawer';
import { subjectOf, themesOf, type Subject } from './subject';
import { Themes } from './Themes';
import { Totals } from './Totals';
import { explain } from '../api/explain';
import { useLayerTree, useSession } from '../api/hooks';
import type { LayerTree } from '../api/schema';
import { useStats } from '../api/stats';
import { minute } from '../format';
import { PageHeader } from '../frame/PageHeader';
import { useText } from '../i18n';
import { isSignedIn, reaches } from '../session/roles';
import { signInPath } from '../state/base';
import './board.css';

/** 看板: the district in figures. Every mark leads to the map, every number to its rows. */
export function BoardPage() {
  const { t } = useText();
  const tree = useLayerTree();
  const subject = tree.data ? subjectOf(tree.data) : null;
  return (
    <div className="page">
      <PageHeader />
      <main className="settings-page wide board-page">
        {tree.isError && <Alert type="error" showIcon title={explain(tree.error, t)} />}
        {tree.isPending && <Skeleton active />}
        {tree.data && subject && !tree.data.empty && <Board tree={tree.data} subject={subject} />}
        {tree.data && (!subject || tree.data.empty) && (
          <section className="card page-note">
            <h2>{t('board.title')}</h2>
            <Empty description={t('board.empty')} />
          </section>
        )}
      </main>
    </div>
  );
}

function Board({ tree, subject }: { tree: LayerTree; subject: Subject }) {
  const { t, own } = useText();
  const session = useSession().data;
  const [view, setView] = useState<BoardView>(() => readBoard(location.search));
  const show = (change: Partial<BoardView>) => {
    const next = { ...view, ...change };
    setView(next);
    history.replaceState(null, '', `${location.pathname}${writeBoard(next)}`);
  };
  const onRows = (rows: Shown) => show({ rows });
  const dimension = subject.dimensions.find((it) => it.name === view.dimension) ?? subject.dimensions[0];
  const indicator = subject.indicators.find((it) => it.key === view.indicator) ?? subject.indicators[0];
  const themes = themesOf(tree);
  const theme = themes.find((it) => it.id === view.theme) ?? themes[0];
  const found = useStats(
    dimension
      ? {
          layer: subject.layer.id,
          group_by: [dimension.name],
          measures: subject.indicators.map((it) => it.measure),
          ...(subject.published ? { published: true } : {}),
        }
      : null,
    { keeps: false },
  );
  const isOfficer = isSignedIn(session) && reaches(session.role, 'officer');
  return (
    <>
      <div className="page-title board-title">
        <div>
          <h2>{t('board.title')}</h2>
          <p className="quiet">
            {tree.evaluation
              ? t('board.as_of', {
                  year: tree.evaluation.year,
                  ruleset: tree.evaluation.ruleset,
                  at: minute(tree.evaluation.finished_at) ?? '–',
                })
              : t('board.no_run')}
          </p>
        </div>
        <span className="spring" />
        {dimension && (
          <Segmented
            value={dimension.name}
            onChange={(name) => show({ dimension: name })}
            aria-label={t('board.compared')}
            options={subject.dimensions.map((it) => ({ value: it.name, label: own(it.title) }))}
          />
        )}
      </div>
      {found.isError && <Alert className="failure" type="error" showIcon title={explain(found.error, t)} />}
      {found.data?.stale && <Alert className="failure" type="warning" showIcon title={t('board.stale')} />}
      {found.isPending && <Skeleton active />}
      {found.data && <Totals tree={tree} subject={subject} answer={found.data} onRows={onRows} />}
      {subject.locked.length > 0 && (
        <p className="quiet board-note">
          {t('board.locked', { figures: subject.locked.map((it) => own(it.title)).join(t('board.comma')) })}{' '}
          {session?.account === null && <a href={signInPath(location)}>{t('session.sign_in')}</a>}
        </p>
      )}
      <Themes tree={tree} onRows={onRows} />
      <div className="board-pair">
        {found.data && dimension && indicator && (
          <Ranking
            tree={tree}
            subject={subject}
            dimension={dimension}
            answer={found.data}
            indicator={indicator}
            onIndicator={(key) => show({ indicator: key })}
            onRows={onRows}
          />
        )}
        {dimension && theme && (
          <ByUnit
            tree={tree}
            theme={theme}
            dimension={dimension}
            onTheme={(id) => show({ theme: id })}
            onRows={onRows}
          />
        )}
      </div>
      {isOfficer && <Plan />}
      {dimension && <Completeness tree={tree} subject={subject} dimension={dimension} onRows={onRows} />}
      {view.rows && <RowsDrawer tree={tree} shown={view.rows} onClose={() => show({ rows: null })} />}
    </>
  );
}
