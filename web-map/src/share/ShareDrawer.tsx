import { CopyOutlined } from '@ant-design/icons';
import { App, Button, Drawer } from 'antd';
import type { LayerTree } from '../api/schema';
import { copyText } from '../copy';
import { useText } from '../i18n';
import { toAddress } from '../state/base';

/** The addresses under which other programs read the same layers. */
export function ShareDrawer({
  tree,
  open,
  onClose,
}: {
  tree: LayerTree;
  open: boolean;
  onClose: () => void;
}) {
  const { t, own } = useText();
  return (
    <Drawer title={t('share.title')} open={open} onClose={onClose} size={640}>
      <Address title={t('share.view_link')} text={location.href} />
      <p className="quiet">{t('share.lead')}</p>
      <Address title={t('share.all')} text={toAddress('/ogc')} />
      <Address title={t('share.one_map')} text={toAddress('/styles/one-map.json')} />
      {tree.layers
        .filter((it) => it.readable)
        .map((it) => (
          <section key={it.id} className="share-layer">
            <h3>{own(it.title)}</h3>
            <Address title={t('share.features')} text={toAddress(`/ogc/collections/${it.id}`)} />
            <Address title={t('share.tiles')} text={toAddress(`/tiles/${it.id}.json`)} />
            <Address title={t('share.style')} text={toAddress(`/styles/${it.id}.json`)} />
          </section>
        ))}
    </Drawer>
  );
}

function Address({ title, text }: { title: string; text: string }) {
  const { t } = useText();
  const { message } = App.useApp();
  const copy = async () => {
    if (await copyText(text)) message.success(t('dossier.link_copied'));
    else message.info(t('status.copy_failed'));
  };
  return (
    <div className="address">
      <span>{title}</span>
      <code>{text}</code>
      <Button
        type="text"
        size="small"
        icon={<CopyOutlined />}
        aria-label={`${t('share.copy')} ${title}`}
        onClick={() => void copy()}
      />
    </div>
  );
}
