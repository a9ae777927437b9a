import { CopyOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { useSession } from '../api/hooks';
import type { LayerTree } from '../api/schema';
import { copyText } from '../copy';
import { useText } from '../i18n';
import { mayImport } from '../session/roles';
import { toPath } from '../state/base';
import { importPage } from '../state/url';

/** An empty database shows how to begin instead of an empty map. */
export function EmptyDistrict({ tree }: { tree: LayerTree }) {
  const { t } = useText();
  const session = useSession().data;
  const target = tree.layers.find((it) => it.kind === 'register' && it.identify)?.id ?? 'LAYER';
  return (
    <section className="empty-district" aria-label={t('empty.title')}>
      <h2>{t('empty.title')}</h2>
      <p>{t('empty.lead')}</p>
      {session && mayImport(session) && (
        <Button type="primary" href={toPath(importPage)}>
          {t('empty.in_browser')}
        </Button>
      )}
      <Command title={t('empty.import')} text={`mutu import FILE --into ${target}`} />
      <Command title={t('empty.demo')} text="mutu up --demo" />
      <p className="quiet">{t('empty.after')}</p>
    </section>
  );
}

function Command({ title, text }: { title: string; text: string }) {
  const { t } = useText();
  const { message } = App.useApp();
  const copy = async () => {
    if (await copyText(text)) message.success(t('status.copied', { text }));
    else message.info(t('status.copy_failed'));
  };
  return (
    <div className="command">
      <span className="quiet">{title}</span>
      <div>
        <code>{text}</code>
        <Button
          type="text"
          icon={<CopyOutlined />}
          aria-label={t('empty.copy')}
          onClick={() => void copy()}
        />
      </div>
    </div>
  );
}
