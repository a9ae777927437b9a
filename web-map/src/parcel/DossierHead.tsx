import { LinkOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import type { ReactNode } from 'react';
import type { Dossier } from '../api/schema';
import { copyText } from '../copy';
import { useText } from '../i18n';
import { dossierPath } from '../state/url';

export function DossierHead({ dossier, children }: { dossier: Dossier; children?: ReactNode }) {
  const { t } = useText();
  const { message } = App.useApp();
  const copy = async () => {
    const link = `${location.origin}${dossierPath(dossier.parcel_code)}`;
    if (await copyText(link)) message.success(t('dossier.link_copied'));
    else message.info(t('status.copy_failed'));
  };
  return (
    <div className="dossier-head">
      <h2>{dossier.parcel_code}</h2>
      <div className="dossier-actions">
        <Button size="small" icon={<LinkOutlined />} onClick={() => void copy()}>
          {t('dossier.copy_link')}
        </Button>
        {children}
      </div>
      <p className="quiet">{[dossier.name, dossier.town].filter(Boolean).join(' · ')}</p>
    </div>
  );
}
