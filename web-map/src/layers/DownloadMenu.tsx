import { DownloadOutlined } from '@ant-design/icons';
import { App, Button, Dropdown } from 'antd';
import { useState } from 'react';
import { download } from '../api/client';
import { explain } from '../api/explain';
import { exportPath } from '../api/hooks';
import type { ExportFormat, Layer } from '../api/schema';
import { useText } from '../i18n';
import { useMapStore, viewBbox } from '../map/store';

type Props = {
  layer: Layer;
  filter: string | null;
  disabled?: boolean;
  /** Of the class, for the file's name where the server gives none. */
  name?: string;
  label?: string;
  tip?: string;
};

/** What the map shows of a layer right now, as a file. */
export function DownloadMenu({ layer, filter, disabled = false, name, label, tip }: Props) {
  const { t, own } = useText();
  const { message } = App.useApp();
  const hasMap = useMapStore((it) => it.map !== null);
  const [busy, setBusy] = useState(false);

  const start = async (format: ExportFormat) => {
    setBusy(true);
    const done = message.loading(t('panel.downloading'), 0);
    try {
      const fallback = [own(layer.title), name].filter(Boolean).join('-');
      await download(exportPath(layer.id, format, viewBbox(), filter), `${fallback}.${format}`);
      message.success(t('panel.downloaded'));
    } catch (error) {
      message.error(t('panel.download_failed', { why: explain(error, t) }), 8);
    } finally {
      done();
      setBusy(false);
    }
  };
  return (
    <Dropdown
      trigger={['click']}
      disabled={disabled || busy || !hasMap || layer.data.count === 0}
      menu={{
        items: [
          { key: 'xlsx', label: t('panel.xlsx') },
          { key: 'geojson', label: t('panel.geojson') },
        ],
        onClick: ({ key }) => void start(key === 'geojson' ? 'geojson' : 'xlsx'),
      }}
    >
      <Button
        size={label ? 'middle' : 'small'}
        type={label ? 'default' : 'text'}
        className={label ? 'download-theme' : 'download-row'}
        icon={<DownloadOutlined />}
        loading={busy}
        title={tip}
        aria-label={tip}
      >
        {label}
      </Button>
    </Dropdown>
  );
}
