import type { Dossier } from '../api/schema';
import { useText } from '../i18n';
import { PastRuns } from './PastRuns';
import { Versions } from './Versions';

/** What was found of the parcel run by run, and what it was in the register before. */
export function History({ dossier }: { dossier: Dossier }) {
  const { t } = useText();
  return (
    <>
      <h4 className="part">{t('dossier.past_runs')}</h4>
      <PastRuns parcelCode={dossier.parcel_code} />
      <h4 className="part">{t('dossier.versions')}</h4>
      <Versions parcelCode={dossier.parcel_code} />
    </>
  );
}
