import { lazy, Suspense, useState } from 'react';
import { useSession } from '../api/hooks';
import type { LayerTree } from '../api/schema';
import { LanguageSwitch } from '../frame/LanguageSwitch';
import { useText } from '../i18n';
import { SearchBox } from '../search/SearchBox';
import { mayImport } from '../session/roles';
import { SessionBadge } from '../session/SessionBadge';
import { ShareDrawer } from '../share/ShareDrawer';
import { toPath } from '../state/base';
import { boardPage, importPage, layersPage, planningPage } from '../state/url';
import { useView } from '../state/view';
import { firstCompare } from '../compare/first';
import { hasWebGl2 } from './new-map';

const PrintDialog = lazy(() => import('../print/PrintDialog').then((it) => ({ default: it.PrintDialog })));

export function Header({ tree }: { tree: LayerTree | null }) {
  const { t, own } = useText();
  const session = useSession().data;
  const { compare, setCompare } = useView();
  const [sharing, setSharing] = useState(false);
  const [printing, setPrinting] = useState(false);
  return (
    <header className="header">
      <div className="brand">
        <img src={toPath('/favicon.svg')} alt="" width={26} height={26} />
        <div>
          <h1>{t('menu.brand')}</h1>
          <span>{tree ? own(tree.title) : '\u00a0'}</span>
        </div>
      </div>
      <nav aria-label={t('menu.label')}>
        <button
          type="button"
          aria-current={!sharing && !compare}
          onClick={() => {
            setSharing(false);
            setCompare(null);
          }}
        >
          {t('menu.browse')}
        </button>
        <button
          type="button"
          aria-current={!sharing && compare !== null}
          disabled={!tree || !hasWebGl2}
          onClick={() => {
            setSharing(false);
            if (tree && !compare) setCompare(firstCompare(tree, useView.getState()));
          }}
        >
          {t('menu.compare')}
        </button>
        <a href={toPath(boardPage)}>{t('menu.board')}</a>
        <button type="button" onClick={() => setPrinting(true)} disabled={!tree}>
          {t('menu.print')}
        </button>
        <button type="button" aria-current={sharing} onClick={() => setSharing(true)} disabled={!tree}>
          {t('menu.share')}
        </button>
        <a href={toPath(layersPage)}>{t('menu.layers')}</a>
        <a href={toPath(planningPage)}>{t('menu.planning')}</a>
        {session && mayImport(session) && <a href={toPath(importPage)}>{t('menu.import')}</a>}
      </nav>
      <SearchBox />
      <div className="header-end">
        <LanguageSwitch />
        <SessionBadge />
      </div>
      {tree && printing && (
        <Suspense fallback={null}>
          <PrintDialog tree={tree} onClose={() => setPrinting(false)} />
        </Suspense>
      )}
      {tree && <ShareDrawer tree={tree} open={sharing} onClose={() => setSharing(false)} />}
    </header>
  );
}
