import { lazy, Suspense, useState } from 'react';
import { useSession } from '../api/hooks';
import type { LayerTree } from '../api/schema';
import { HeaderNav, type NavItem } from '../frame/HeaderNav';
import { LanguageSwitch } from '../frame/LanguageSwitch';
import { ownPages, page } from '../frame/pages';
import { useOpened } from '../frame/use-opened';
import { useText } from '../i18n';
import { SearchBox } from '../search/SearchBox';
import { SessionBadge } from '../session/SessionBadge';
import { toPath } from '../state/base';
import { boardPage, layersPage, planningPage } from '../state/url';
import { useView } from '../state/view';
import { firstCompare } from '../compare/first';
import { hasWebGl2 } from './new-map';

const ShareDrawer = lazy(() => import('../share/ShareDrawer').then((it) => ({ default: it.ShareDrawer })));
const PrintDialog = lazy(() => import('../print/PrintDialog').then((it) => ({ default: it.PrintDialog })));

export function Header({ tree }: { tree: LayerTree | null }) {
  const { t, own } = useText();
  const session = useSession().data;
  const { compare, setCompare } = useView();
  const [sharing, setSharing] = useState(false);
  const shared = useOpened(sharing);
  const [printing, setPrinting] = useState(false);
  const items: NavItem[] = [
    {
      key: 'browse',
      label: t('menu.browse'),
      isCurrent: !sharing && !compare,
      onClick: () => {
        setSharing(false);
        setCompare(null);
      },
    },
    {
      key: 'compare',
      label: t('menu.compare'),
      isCurrent: !sharing && compare !== null,
      disabled: !tree || !hasWebGl2,
      onClick: () => {
        setSharing(false);
        if (tree && !compare) setCompare(firstCompare(tree, useView.getState()));
      },
    },
    page(boardPage, t('menu.board')),
    { key: 'print', label: t('menu.print'), disabled: !tree, onClick: () => setPrinting(true) },
    {
      key: 'share',
      label: t('menu.share'),
      isCurrent: sharing,
      disabled: !tree,
      onClick: () => setSharing(true),
    },
    page(layersPage, t('menu.layers')),
    page(planningPage, t('menu.planning')),
    ...ownPages(session, t),
  ];
  return (
    <header className="header">
      <div className="brand">
        <img src={toPath('/favicon.svg')} alt="" width={26} height={26} />
        <div>
          <h1>{t('menu.brand')}</h1>
          <span>{tree ? own(tree.title) : '\u00a0'}</span>
        </div>
      </div>
      <HeaderNav items={items} />
      <SearchBox tree={tree} />
      <div className="header-end">
        <LanguageSwitch />
        <SessionBadge />
      </div>
      {tree && printing && (
        <Suspense fallback={null}>
          <PrintDialog tree={tree} onClose={() => setPrinting(false)} />
        </Suspense>
      )}
      {tree && shared && (
        <Suspense fallback={null}>
          <ShareDrawer tree={tree} open={sharing} onClose={() => setSharing(false)} />
        </Suspense>
      )}
    </header>
  );
}
