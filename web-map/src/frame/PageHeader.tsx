import { useLayerTree, useSession } from '../api/hooks';
import { useText } from '../i18n';
import { SessionBadge } from '../session/SessionBadge';
import { toPath } from '../state/base';
import { boardPage, layersPage, planningPage } from '../state/url';
import { HeaderNav } from './HeaderNav';
import { LanguageSwitch } from './LanguageSwitch';
import { ownPages, page } from './pages';

/** What everybody may open. */
const places = [
  ['/', 'browse'],
  [boardPage, 'board'],
  [layersPage, 'layers'],
  [planningPage, 'planning'],
] as const;

/** Of every page beside the map; the brand leads back to it. */
export function PageHeader() {
  const { t, own } = useText();
  const tree = useLayerTree().data;
  const session = useSession().data;
  return (
    <header className="header">
      <a className="brand" href={toPath('/')}>
        <img src={toPath('/favicon.svg')} alt="" width={26} height={26} />
        <div>
          <h1>{t('menu.brand')}</h1>
          <span>{tree ? own(tree.title) : '\u00a0'}</span>
        </div>
      </a>
      <HeaderNav
        items={[...places.map(([path, name]) => page(path, t(`menu.${name}`))), ...ownPages(session, t)]}
      />
      <span className="spring" />
      <div className="header-end">
        <LanguageSwitch />
        <SessionBadge />
      </div>
    </header>
  );
}
