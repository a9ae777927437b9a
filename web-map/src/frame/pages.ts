// The pages of the menu, the same beside the map as on every other page.
import type { Session } from '../api/schema';
import type { useText } from '../i18n';
import { isSignedIn, mayImport, reaches } from '../session/roles';
import { fromPath, toPath } from '../state/base';
import { importPage, listsPage, runsPage, scenariosPage, targetsPage } from '../state/url';
import type { NavItem } from './HeaderNav';

type Translate = ReturnType<typeof useText>['t'];

/** What only people with an account open; the pages say so themselves. */
export function ownPages(session: Session | undefined, t: Translate): NavItem[] {
  if (!isSignedIn(session)) return [];
  return [
    ...(reaches(session.role, 'officer')
      ? [
          page(listsPage, t('lists.title')),
          page(targetsPage, t('targets.title')),
          page(scenariosPage, t('scenarios.title')),
        ]
      : []),
    page(runsPage, t('runs.title')),
    ...(mayImport(session) ? [page(importPage, t('menu.import'))] : []),
  ];
}

export function page(path: string, label: string): NavItem {
  const here = fromPath(location.pathname) ?? '/';
  const isCurrent = here === path || (path !== '/' && here.startsWith(`${path}/`));
  return { key: path, label, href: toPath(path), isCurrent };
}
