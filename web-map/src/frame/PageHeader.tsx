import { useLayerTree, useSession } from '../api/hooks';
import { useText } from '../i18n';
import { mayImport, reaches } from '../session/roles';
import { SessionBadge } from '../session/SessionBadge';
import { fromPath, toPath } from '../state/base';
import {
  boardPage,
  importPage,
  layersPage,
  listsPage,
  planningPage,
  runsPage,
  scenariosPage,
  targetsPage,
} from '../state/url';
import { HeaderNav } from './HeaderNav';
import { LanguageSwitch } from './LanguageSwitch';

/** What everybody may open. */
const places = [
  ['/', 'browse'],
  [boardPage, 'board'],
  [layersPage, 'layers'],
  [planningPage, 'planning'],
] as const;

/** What only people with an account open; their pages say so themselves. */
const officers = [
  [listsPage, 'lists.title'],
  [targetsPage, 'targets.title'],
  [scenariosPage, 'scenarios.title'],
] as const;

/** Of every page beside the map; the brand leads back to it. */
export function PageHeader() {
  const { t, own } = useText();
  const tree = useLayerTree().data;
  const session = useSession().data;
  const here = fromPath(location.pathname) ?? '/';
  const isSignedIn = session !== undefined && session.account !== null;
  const more = [
    ...(isSignedIn && reaches(session.role, 'officer') ? officers : []),
    ...(isSignedIn ? [[runsPage, 'runs.title'] as const] : []),
    ...(isSignedIn && mayImport(session) ? [[importPage, 'menu.import'] as const] : []),
  ];
  const item = (path: string, label: string) => ({
    key: path,
    label,
    href: toPath(path),
    isCurrent: here === path || (path !== '/' && here.startsWith(`${path}/`)),
  });
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
        items={[
          ...places.map(([path, name]) => item(path, t(`menu.${name}`))),
          ...more.map(([path, name]) => item(path, t(name))),
        ]}
      />
      <span className="spring" />
      <div className="header-end">
        <LanguageSwitch />
        <SessionBadge />
      </div>
    </header>
  );
}
