import { Alert, Button, Skeleton } from 'antd';
import { lazy, Suspense, useDeferredValue, useEffect, useState } from 'react';
import { explain } from '../api/explain';
import { useDossier, useLayerTree, useSession } from '../api/hooks';
import { FilterBar } from '../filter/FilterBar';
import { useNarrowed } from '../filter/use-narrowed';
import { useText } from '../i18n';
import { LayerPanel } from '../layers/LayerPanel';
import { followView, undoKeys } from '../state/undo';
import { followAddress, useView } from '../state/view';
import { EmptyDistrict } from './EmptyDistrict';
import { Header } from './Header';
import { MapView } from './MapView';
import { hasWebGl2 } from './new-map';
import { useSubject } from './select/rows';
import { SelectionBar } from './select/SelectionBar';
import { useSelect } from './select/store';
import { Toolbar } from './select/Toolbar';
import './select/select.css';
import { StatusBar } from './StatusBar';
import { useMapStore } from './store';

const loadDossier = () => import('../parcel/DossierPanel');
const DossierPanel = lazy(() => loadDossier().then((it) => ({ default: it.DossierPanel })));
const SelectionTable = lazy(() =>
  import('./select/SelectionTable').then((it) => ({ default: it.SelectionTable })),
);
const CompareView = lazy(() => import('../compare/CompareView').then((it) => ({ default: it.CompareView })));

/** Where Escape closes something that lies on top of the page. */
const over = 'input, [role="dialog"], .ant-drawer, .ant-modal-root, [role="menu"], .ant-dropdown-open';

export function MapScreen() {
  const { t, language } = useText();
  const tree = useLayerTree();
  // Which tiles may come from the browser's cache depends on who looks.
  const session = useSession();
  const asked = !session.isPending;
  const who = session.data ? `${session.data.account}/${session.data.role}` : '';
  const { sel, select, compare } = useView();
  const dossier = useDossier(sel);
  const subject = useSubject(tree.data ?? null);
  const narrowed = useNarrowed(tree.data ?? null);
  const map = useMapStore((it) => it.map);
  const isTableOpen = useSelect((it) => it.isTableOpen);
  // On a phone the panel would cover the map.
  const [open, setOpen] = useState(() => innerWidth > 640);
  // The map first: its worker and the server are at work while the panel is built, which has its width already.
  const later = useDeferredValue(tree.data ?? null, null);
  const listed = open ? later : tree.data;

  // Once the map is drawn, so that the first parcel opens at once.
  useEffect(() => void map?.once('idle', () => void loadDossier()), [map]);

  useEffect(followAddress, []);
  useEffect(followView, []);
  useEffect(undoKeys, []);
  useEffect(() => {
    const close = (event: KeyboardEvent) => {
      const inside = event.target instanceof Element && event.target.closest(over);
      if (event.key === 'Escape' && !inside) select(null);
    };
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, [select]);

  const filterBar = tree.data && !tree.data.empty && (
    <FilterBar subject={subject} tree={tree.data} refused={narrowed.refused} />
  );
  return (
    <div className="screen">
      <Header tree={tree.data ?? null} />
      <div className="body">
        {listed ? (
          <LayerPanel tree={listed} open={open} onToggle={() => setOpen(!open)} />
        ) : (
          <aside className="panel layer-panel">
            {!tree.isError && <Skeleton active className="padded" />}
          </aside>
        )}
        <main className="map-area">
          {tree.data && asked && hasWebGl2 && compare && (
            <Suspense fallback={null}>
              <CompareView
                key={`${language} ${[...narrowed.filters].join()}`}
                tree={tree.data}
                compare={compare}
                filters={narrowed.filters}
              >
                {filterBar}
              </CompareView>
            </Suspense>
          )}
          {tree.data && asked && hasWebGl2 && !compare && (
            <MapView
              key={language}
              tree={tree.data}
              dossier={dossier.data ?? null}
              who={who}
              filters={narrowed.filters}
            />
          )}
          {later && asked && hasWebGl2 && !compare && <Toolbar tree={later} subject={subject} />}
          {!(compare && hasWebGl2) && filterBar}
          {!hasWebGl2 && (
            <Alert
              className="map-notice"
              type="warning"
              showIcon
              title={t('map.no_webgl')}
              description={t('map.no_webgl_help')}
            />
          )}
          {tree.data?.empty && <EmptyDistrict tree={tree.data} />}
          {tree.isPending && <div className="loading-bar" role="progressbar" aria-label={t('map.loading')} />}
          {tree.isError && (
            <Alert
              className="map-notice"
              type="error"
              showIcon
              title={t('error.layers')}
              description={explain(tree.error, t)}
              action={<Button onClick={() => void tree.refetch()}>{t('error.retry')}</Button>}
            />
          )}
          <div className="loading-bar over-map" role="presentation" />
          <div className="crosshair" aria-hidden="true" />
          {tree.data?.approval_number && (
            <p className="approval-number">
              {t('map.approval_number', { number: tree.data.approval_number })}
            </p>
          )}
        </main>
        {sel !== null && (
          <Suspense fallback={<DossierAwaited />}>
            <DossierPanel parcelCode={sel} tree={tree.data ?? null} onClose={() => select(null)} />
          </Suspense>
        )}
      </div>
      {tree.data && !tree.data.empty && !compare && <SelectionBar subject={subject} />}
      {subject && isTableOpen && !compare && (
        <Suspense fallback={null}>
          <SelectionTable subject={subject} />
        </Suspense>
      )}
      <StatusBar tree={tree.data ?? null} />
    </div>
  );
}

/** Where the dossier comes: the map has its width from the start. */
function DossierAwaited() {
  const { t } = useText();
  return (
    <aside className="panel dossier-panel" aria-label={t('dossier.label')} aria-busy>
      <Skeleton active className="padded" paragraph={{ rows: 10 }} />
    </aside>
  );
}
