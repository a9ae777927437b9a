import { DownloadOutlined } from '@ant-design/icons';
import { Alert, Button } from 'antd';
import { downloads, recipes } from './clients';
import { layerFile } from './qlr';
import { Quality } from './Quality';
import { useAction } from '../api/action';
import { download } from '../api/client';
import type { Layer } from '../api/schema';
import { count, minute } from '../format';
import { Copied } from '../frame/Copied';
import { useText } from '../i18n';
import { toAddress, toPath } from '../state/base';
import { emptyView, writeView } from '../state/url';

/** One layer: where it is from, how complete it is, its addresses and its files. */
export function LayerSheet({ layer }: { layer: Layer }) {
  const { t, own } = useText();
  const { data } = layer;
  const view = writeView({ ...emptyView, layers: { [layer.id]: { visible: true, opacity: 1 } } });
  return (
    <div className="column">
      <section className="card" aria-labelledby="sheet-title">
        <div className="card-head">
          <div>
            <h3 id="sheet-title">{own(layer.title)}</h3>
            <p className="quiet">{own(layer.about)}</p>
          </div>
          {layer.readable && layer.geometry !== 'none' && (
            <Button href={toPath(`/${view}`)}>{t('catalogue.on_map')}</Button>
          )}
        </div>
        <dl className="facts">
          <Told title={t('catalogue.id')}>
            <code>{layer.id}</code>
          </Told>
          <Told title={t('catalogue.kind_label')}>
            {t(`catalogue.kind.${layer.kind}`)} · {t(`catalogue.geometry.${layer.geometry}`)}
          </Told>
          <Told title={t('catalogue.access')}>{t(`session.role.${layer.access}`)}</Told>
          {layer.readable && (
            <>
              <Told title={t('catalogue.updated')}>{minute(data.updated_at) ?? t('catalogue.no_date')}</Told>
              <Told title={t('catalogue.count')}>{count(data.count) ?? '–'}</Told>
              {data.file && <Told title={t('catalogue.file')}>{data.file}</Told>}
              <Told title={t('catalogue.revision')}>{data.revision}</Told>
              {data.bounds && (
                <Told title={t('catalogue.bounds')}>{data.bounds.map((it) => it.toFixed(4)).join(', ')}</Told>
              )}
            </>
          )}
        </dl>
      </section>
      {layer.readable ? (
        <>
          <Files layer={layer} />
          <Addresses layer={layer} />
          <Quality layer={layer} />
        </>
      ) : (
        <Alert
          type="info"
          showIcon
          title={t('catalogue.locked', { role: t(`session.role.${layer.access}`) })}
        />
      )}
    </div>
  );
}

function Told({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Files({ layer }: { layer: Layer }) {
  const { t, own } = useText();
  const save = useAction((format: string, ending: string) =>
    download(`/api/v1/layers/${layer.id}/export?format=${format}`, `${own(layer.title)}.${ending}`),
  );
  const file = layerFile(layer, own(layer.title), own, toAddress('/wfs'));
  const saveFile = () => {
    if (file === null) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([file], { type: 'application/xml' }));
    link.download = `${own(layer.title)}.qlr`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  return (
    <section className="card" aria-labelledby="sheet-files">
      <h3 id="sheet-files">{t('catalogue.files')}</h3>
      <div className="catalogue-files">
        {downloads
          .filter((it) => layer.geometry !== 'none' || !it.shapes)
          .map((it) => (
            <Button
              key={it.format}
              icon={<DownloadOutlined />}
              disabled={save.busy || layer.data.count === 0}
              onClick={() => save.run(it.format, it.ending)}
            >
              {t(`catalogue.format.${it.format}`)}
            </Button>
          ))}
        {file !== null && (
          <Button icon={<DownloadOutlined />} onClick={saveFile}>
            {t('catalogue.qlr')}
          </Button>
        )}
      </div>
      {save.failure && <Alert className="failure" type="error" showIcon title={save.failure} />}
    </section>
  );
}

function Addresses({ layer }: { layer: Layer }) {
  const { t } = useText();
  return (
    <section className="card" aria-labelledby="sheet-addresses">
      <h3 id="sheet-addresses">{t('catalogue.addresses')}</h3>
      <p className="quiet">{t('catalogue.addresses_lead', { name: `mutu:${layer.id}` })}</p>
      <dl className="recipes">
        {recipes(layer, toAddress).map((it) => (
          <div key={it.client}>
            <dt>{t(`catalogue.client.${it.client}`)}</dt>
            <dd>
              <Copied label={t(`catalogue.client.${it.client}`)} text={it.text} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
