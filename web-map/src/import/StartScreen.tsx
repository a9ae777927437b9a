import { useText } from '../i18n';
import { PastImports } from './PastImports';
import { Templates } from './Templates';
import { UploadCard } from './UploadCard';

export function StartScreen({ onOpen }: { onOpen: (batchId: number) => void }) {
  const { t } = useText();
  return (
    <>
      <div className="page-title">
        <h2>{t('import.title')}</h2>
      </div>
      <div className="import-start">
        <UploadCard onUploaded={onOpen} />
        <Templates />
      </div>
      <PastImports onOpen={onOpen} />
    </>
  );
}
