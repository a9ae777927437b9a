import { EnvironmentOutlined } from '@ant-design/icons';
import { Button, Skeleton } from 'antd';
import { useDossier, useLayerTree } from '../api/hooks';
import type { Dossier } from '../api/schema';
import { PageHeader } from '../frame/PageHeader';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { emptyView, writeView } from '../state/url';
import { DossierFailure } from './DossierFailure';
import { DossierHead } from './DossierHead';
import { ParcelShape } from './ParcelShape';
import { sections } from './sections';
import { VerdictBanner } from './VerdictBanner';
import { Withheld } from './figures';

/** The dossier by its own address, for links from other systems and for paper. */
export function DossierPage({ parcelCode }: { parcelCode: string }) {
  const { t } = useText();
  const dossier = useDossier(parcelCode);
  const tree = useLayerTree();
  const cards = (keys: string[], shown: Dossier) =>
    sections
      .filter((it) => keys.includes(it.key))
      .map(({ key, Section }) => (
        <section key={key} className={`card ${key}`}>
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
          <Withheld value={dossier.data.withheld}>
            <DossierHead dossier={dossier.data}>
              <Button
                size="small"
                icon={<EnvironmentOutlined />}
                href={toPath(`/${writeView({ ...emptyView, sel: parcelCode })}`)}
              >
                {t('dossier.to_map')}
              </Button>
            </DossierHead>
            <VerdictBanner dossier={dossier.data} />
            <div className="dossier-grid">
              <div className="column">
                <ParcelShape geometry={dossier.data.geometry} />
                {cards(['occupants', 'yields', 'plan'], dossier.data)}
              </div>
              <div className="column">{cards(['overview'], dossier.data)}</div>
            </div>
            {cards(['evidence'], dossier.data)}
          </Withheld>
        )}
      </main>
    </div>
  );
}
