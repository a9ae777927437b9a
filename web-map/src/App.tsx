import { App as AntApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { lazy, Suspense, useEffect } from 'react';
import { useLayerTree } from './api/hooks';
import { Crash } from './Crash';
import { useText } from './i18n';
import { readDossierPath } from './state/url';
import { theme } from './theme';

const MapScreen = lazy(() => import('./map/MapScreen').then((it) => ({ default: it.MapScreen })));
const DossierPage = lazy(() => import('./parcel/DossierPage').then((it) => ({ default: it.DossierPage })));

export function App() {
  const { t, language, own } = useText();
  const tree = useLayerTree().data;
  const parcelCode = readDossierPath(location.pathname);

  const title = [parcelCode, tree && own(tree.title), t('brand')].filter(Boolean).join(' · ');
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    document.title = title;
  }, [language, title]);

  return (
    <ConfigProvider locale={language === 'zh' ? zhCN : enUS} theme={theme}>
      <AntApp className="app">
        <Crash>
          <Suspense
            fallback={<div className="loading-bar" role="progressbar" aria-label={t('map.loading')} />}
          >
            {parcelCode ? <DossierPage parcelCode={parcelCode} /> : <MapScreen />}
          </Suspense>
        </Crash>
      </AntApp>
    </ConfigProvider>
  );
}
