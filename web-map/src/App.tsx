import { App as AntApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { lazy, Suspense, useEffect } from 'react';
import { useLayerTree } from './api/hooks';
import { Crash } from './Crash';
import { useText } from './i18n';
import { Notices } from './session/Notices';
import { fromPath } from './state/base';
import { readScreen, type Screen } from './state/url';
import { useTheme } from './theme';

const MapScreen = lazy(() => import('./map/MapScreen').then((it) => ({ default: it.MapScreen })));
const DossierPage = lazy(() => import('./parcel/DossierPage').then((it) => ({ default: it.DossierPage })));
const SignInPage = lazy(() => import('./session/SignInPage').then((it) => ({ default: it.SignInPage })));
const AccountPage = lazy(() => import('./account/AccountPage').then((it) => ({ default: it.AccountPage })));
const AdminPage = lazy(() => import('./admin/AdminPage').then((it) => ({ default: it.AdminPage })));

const ImportPage = lazy(() => import('./import/ImportPage').then((it) => ({ default: it.ImportPage })));
const PlanningPage = lazy(() =>
  import('./planning/PlanningPage').then((it) => ({ default: it.PlanningPage })),
);

const ScenariosPage = lazy(() =>
  import('./scenarios/ScenariosPage').then((it) => ({ default: it.ScenariosPage })),
);
const ListsPage = lazy(() => import('./lists/ListsPage').then((it) => ({ default: it.ListsPage })));
const TargetsPage = lazy(() => import('./targets/TargetsPage').then((it) => ({ default: it.TargetsPage })));
const BoardPage = lazy(() => import('./board/BoardPage').then((it) => ({ default: it.BoardPage })));
const CataloguePage = lazy(() =>
  import('./catalogue/CataloguePage').then((it) => ({ default: it.CataloguePage })),
);
const RunsPage = lazy(() => import('./runs/RunsPage').then((it) => ({ default: it.RunsPage })));

const pageTitle = {
  map: '',
  sign_in: 'session.sign_in',
  account: 'account.title',
  admin: 'admin.title',
  import: 'import.title',
  scenarios: 'scenarios.title',
  planning: 'planning.title',
  runs: 'runs.title',
  lists: 'lists.title',
  targets: 'targets.title',
  board: 'board.title',
  layers: 'catalogue.title',
};

export function App() {
  const { t, language, own } = useText();
  const theme = useTheme();
  const tree = useLayerTree().data;
  const screen = readScreen(fromPath(location.pathname) ?? '/');
  const what = typeof screen === 'string' ? pageTitle[screen] && t(pageTitle[screen]) : screen.parcelCode;

  const title = [what, tree && own(tree.title), t('menu.brand')].filter(Boolean).join(' · ');
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.title = title;
  }, [language, title]);

  return (
    <ConfigProvider locale={language === 'zh' ? zhCN : enUS} theme={theme}>
      <AntApp className="app">
        <Notices />
        <Crash>
          <Suspense
            fallback={<div className="loading-bar" role="progressbar" aria-label={t('map.loading')} />}
          >
            <Shown screen={screen} />
          </Suspense>
        </Crash>
      </AntApp>
    </ConfigProvider>
  );
}

function Shown({ screen }: { screen: Screen }) {
  if (screen === 'sign_in') return <SignInPage />;
  if (screen === 'account') return <AccountPage />;
  if (screen === 'admin') return <AdminPage />;
  if (screen === 'import') return <ImportPage />;
  if (screen === 'scenarios') return <ScenariosPage />;
  if (screen === 'planning') return <PlanningPage />;
  if (screen === 'runs') return <RunsPage />;
  if (screen === 'lists') return <ListsPage />;
  if (screen === 'targets') return <TargetsPage />;
  if (screen === 'board') return <BoardPage />;
  if (screen === 'layers') return <CataloguePage />;
  return screen === 'map' ? <MapScreen /> : <DossierPage parcelCode={screen.parcelCode} />;
}
