import { FilePdfOutlined, LinkOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import type { ReactNode } from 'react';
import type { Dossier } from '../api/schema';
import { copyText } from '../copy';
import { useText } from '../i18n';
import { toAddress, toPath } from '../state/base';
import { dossierPath } from '../state/url';

type Props = { dossier: Dossier; compact?: boolean; children?: ReactNode };

/** `compact` leaves the buttons their icons only: beside the map the code needs the line. */
export function DossierHead({ dossier, compact = false, children }: Props) {
  const { t } = useText();
  const { message } = App.useApp();
  const copy = async () => {
    const link = toAddress(dossierPath(dossier.parcel_code));
    if (await copyText(link)) message.success(t('dossier.link_copied'));
    else message.info(t('status.copy_failed'));
  };
  const label = t('dossier.copy_link');
  const asPdf = t('dossier.as_pdf');
  return (
    <div className="dossier-head">
      <h2>{dossier.parcel_code}</h2>
      <div className="dossier-actions">
        <Button
          size="small"
          type={compact ? 'text' : 'default'}
          icon={<LinkOutlined />}
          title={label}
          aria-label={label}
          onClick={() => void copy()}
        >
          {compact ? null : label}
        </Button>
        <Button
          size="small"
          type={compact ? 'text' : 'default'}
          icon={<FilePdfOutlined />}
          href={toPath(`${dossierPath(dossier.parcel_code)}.pdf`)}
          download
          title={asPdf}
          aria-label={asPdf}
        >
          {compact ? null : asPdf}
        </Button>
        {children}
      </div>
      <p className="quiet">{[dossier.name, dossier.town].filter(Boolean).join(' · ')}</p>
    </div>
  );
}
