import { EnvironmentOutlined } from '@ant-design/icons';
import { Button, Skeleton } from 'antd';
import type { MouseEvent } from 'react';
import { useDossier, useLayerTree } from '../api/hooks';
import type { Dossier } from '../api/schema';
import { PageHeader } from '../frame/PageHeader';
import { useText } from '../i18n';
import { IntoListButton } from '../lists/IntoListButton';
import { toPath } from '../state/base';
import { emptyView, writeView } from '../state/url';
import { DossierFailure } from './DossierFailure';
import { DossierHead } from './DossierHead';
import { ParcelShape } from './ParcelShape';
import { sections } from './sections';
import { VerdictBanner } from './VerdictBanner';
import { Known } from './Known';

/** The dossier by its own address, for links from other systems and for paper. */
export function DossierPage({ parcelCode }: { parcelCode: string }) {
  const { t } = useText();
  const dossier = useDossier(parcelCode);
  const tree = useLayerTree();
  const cards = (keys: string[], shown: Dossier) =>
    sections
      .filter((it) => keys.includes(it.key))
      .map(({ key, Section }) => (
        <section key={key} id={key} tabIndex={-1} className={`card ${key}`}>
          <h3>{t(`dossier.tab.${key}`)}</h3>
          <Section dossier={shown} tree={tree.data ?? null} />
        </section>
      ));
  return (
    <div className="page">
      <PageHeader />
      <main className="dossier-page">
        {dossier.isPending && <Skeleton active paragraph={{ rows: 12 }} />}
        {dossier.isError && (
          <DossierFailure
            parcelCode={parcelCode}
            error={dossier.error}
            onRetry={() => void dossier.refetch()}
          />
        )}
        {dossier.data && (
          <Known dossier={dossier.data} tree={tree.data ?? null}>
            <DossierHead dossier={dossier.data}>
              <IntoListButton codes={[parcelCode]} />
              <Button
                size="small"
                icon={<EnvironmentOutlined />}
                href={toPath(`/${writeView({ ...emptyView, sel: parcelCode })}`)}
              >
                {t('dossier.to_map')}
              </Button>
            </DossierHead>
            <VerdictBanner dossier={dossier.data} whole />
            <nav className="dossier-nav" aria-label={t('dossier.parts')}>
              {sections.map(({ key }) => (
                <a key={key} href={`#${key}`} onClick={(event) => jump(event, key)}>
                  {t(`dossier.tab.${key}`)}
                </a>
              ))}
            </nav>
            <div className="dossier-grid">
              <div className="column">
                <ParcelShape geometry={dossier.data.geometry} />
                {cards(['occupants', 'yields', 'plan'], dossier.data)}
              </div>
              <div className="column">{cards(['overview'], dossier.data)}</div>
            </div>
            {cards(['history'], dossier.data)}
            {cards(['evidence'], dossier.data)}
          </Known>
        )}
      </main>
    </div>
  );
}

/** Within the page: its `<base>` would lead a bare `#` away. */
function jump(event: MouseEvent, key: string) {
  event.preventDefault();
  const part = document.getElementById(key);
  part?.focus({ preventScroll: true });
  part?.scrollIntoView({ block: 'start' });
}
