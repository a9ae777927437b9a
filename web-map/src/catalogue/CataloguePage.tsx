import { LockOutlined } from '@ant-design/icons';
import { Alert, Skeleton } from 'antd';
import { useState } from 'react';
import { readLayer } from './clients';
import { LayerSheet } from './LayerSheet';
import { explain } from '../api/explain';
import { useLayerTree } from '../api/hooks';
import type { Layer, LayerTree } from '../api/schema';
import { count, day } from '../format';
import { PageHeader } from '../frame/PageHeader';
import { useText } from '../i18n';
import './catalogue.css';

/** 图层目录: what there is, how old and how complete it is, and how other programs read it. */
export function CataloguePage() {
  const { t } = useText();
  const tree = useLayerTree();
  return (
    <div className="page">
      <PageHeader />
      <main className="settings-page wide catalogue-page">
        <div className="page-title">
          <h2>{t('catalogue.title')}</h2>
          <p className="quiet">{t('catalogue.lead')}</p>
        </div>
        {tree.isError && <Alert type="error" showIcon title={explain(tree.error, t)} />}
        {tree.isPending && <Skeleton active />}
        {tree.data && <Catalogue tree={tree.data} />}
      </main>
    </div>
  );
}

function Catalogue({ tree }: { tree: LayerTree }) {
  const { t, own } = useText();
  const [id, setId] = useState(() => readLayer(location.search));
  const shown =
    tree.layers.find((it) => it.id === id) ?? tree.layers.find((it) => it.readable) ?? tree.layers[0];
  const open = (layer: Layer) => {
    setId(layer.id);
    history.replaceState(null, '', `${location.pathname}?layer=${layer.id}`);
  };
  return (
    <div className="catalogue">
      <nav className="card catalogue-list" aria-label={t('catalogue.title')}>
        {tree.groups
          .map((group) => ({ group, layers: tree.layers.filter((it) => it.group === group.id) }))
          .filter((it) => it.layers.length > 0)
          .map(({ group, layers }) => (
            <section key={group.id}>
              <h3>{own(group.title)}</h3>
              <ul>
                {layers.map((it) => (
                  <li key={it.id}>
                    <button type="button" aria-current={it.id === shown?.id} onClick={() => open(it)}>
                      <span>{own(it.title)}</span>
                      {it.readable ? (
                        <span className="quiet">
                          {t('catalogue.rows', { count: count(it.data.count) ?? '–' })}
                          <br />
                          {day(it.data.updated_at) ?? t('catalogue.no_date')}
                        </span>
                      ) : (
                        <span className="quiet">
                          <LockOutlined /> {t(`session.role.${it.access}`)}
                        </span>
                      )}
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          ))}
      </nav>
      {shown && <LayerSheet key={shown.id} layer={shown} />}
    </div>
  );
}
