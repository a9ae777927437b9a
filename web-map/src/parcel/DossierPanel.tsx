import { CloseOutlined, ExpandOutlined } from '@ant-design/icons';
import { Button, Skeleton, Tabs } from 'antd';
import { useState } from 'react';
import { useDossier } from '../api/hooks';
import type { LayerTree } from '../api/schema';
import { useText } from '../i18n';
import { IntoListButton } from '../lists/IntoListButton';
import { toPath } from '../state/base';
import { dossierPath } from '../state/url';
import { DossierFailure } from './DossierFailure';
import { DossierHead } from './DossierHead';
import { sections } from './sections';
import { VerdictBanner } from './VerdictBanner';
import { Known } from './Known';

type Props = { parcelCode: string; tree: LayerTree | null; onClose: () => void };

/** Beside the map. The chosen tab stays while one goes from parcel to parcel. */
export function DossierPanel({ parcelCode, tree, onClose }: Props) {
  const { t } = useText();
  const dossier = useDossier(parcelCode);
  const [tab, setTab] = useState<string>('overview');
  const close = (
    <Button
      size="small"
      type="text"
      icon={<CloseOutlined />}
      title={t('dossier.close')}
      aria-label={t('dossier.close')}
      onClick={onClose}
    />
  );
  return (
    <aside className="panel dossier-panel" aria-label={t('dossier.label')} aria-busy={dossier.isPending}>
      {!dossier.data && <div className="dossier-bare">{close}</div>}
      {dossier.isPending && <Skeleton active className="padded" paragraph={{ rows: 10 }} />}
      {dossier.isError && (
        <div className="padded">
          <DossierFailure
            parcelCode={parcelCode}
            error={dossier.error}
            onRetry={() => void dossier.refetch()}
          />
        </div>
      )}
      {dossier.data && (
        <Known dossier={dossier.data} tree={tree}>
          <DossierHead dossier={dossier.data} compact>
            <IntoListButton codes={[parcelCode]} compact />
            <Button
              size="small"
              type="text"
              icon={<ExpandOutlined />}
              href={toPath(dossierPath(parcelCode))}
              title={t('dossier.open_page')}
              aria-label={t('dossier.open_page')}
            />
            {close}
          </DossierHead>
          <VerdictBanner dossier={dossier.data} />
          <Tabs
            className="dossier-tabs"
            activeKey={tab}
            onChange={setTab}
            items={sections.map(({ key, Section }) => ({
              key,
              label: t(`dossier.tab.${key}`),
              children: <Section dossier={dossier.data} tree={tree} />,
            }))}
          />
        </Known>
      )}
    </aside>
  );
}
