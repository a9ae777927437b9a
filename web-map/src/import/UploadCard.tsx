import { Alert, Button, Progress } from 'antd';
import { useRef, useState } from 'react';
import { explain } from '../api/explain';
import { uploadFiles, useTargets } from '../api/imports';
import { bytes } from '../format';
import { useText } from '../i18n';
import { Problem } from '../api/client';
import { DropZone } from './DropZone';
import { look, together } from './files';
import { firstOptions } from './options';
import { TargetSelect } from './TargetSelect';

export function UploadCard({ onUploaded }: { onUploaded: (batchId: number) => void }) {
  const { t } = useText();
  const targets = useTargets();
  const [files, setFiles] = useState<File[]>([]);
  const [into, setInto] = useState<string | null>(null);
  const [sent, setSent] = useState<{ sent: number; total: number } | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const cancel = useRef(() => {});
  const { stop, note } = look(files);
  const size = files.reduce((sum, it) => sum + it.size, 0);

  const send = async () => {
    if (into === null) return;
    setFailure(null);
    setSent({ sent: 0, total: size });
    const going = uploadFiles(files, firstOptions(into), (sent, total) => setSent({ sent, total }));
    cancel.current = going.cancel;
    try {
      onUploaded((await going.done).batch_id);
    } catch (error) {
      setSent(null);
      if (error instanceof DOMException && error.name === 'AbortError') return;
      const tooLarge = error instanceof Problem && error.status === 413;
      setFailure(
        tooLarge ? `${t('import.too_large', { size: bytes(size) })} ${error.message}` : explain(error, t),
      );
    }
  };

  return (
    <section className="card">
      <h3>{t('import.new')}</h3>
      <DropZone
        files={files}
        disabled={sent !== null}
        onAdd={(added) => {
          setFailure(null);
          setFiles(together(files, added));
        }}
        onRemove={(name) => setFiles(files.filter((it) => it.name !== name))}
      />
      {stop && <Alert className="failure" type="error" showIcon title={t(`import.files.${stop}`)} />}
      {note && <Alert className="failure" type="info" showIcon title={t(`import.files.${note}`)} />}
      {targets.isError && (
        <Alert
          className="failure"
          type="error"
          showIcon
          title={t('import.targets_failed')}
          description={explain(targets.error, t)}
          action={<Button onClick={() => void targets.refetch()}>{t('error.retry')}</Button>}
        />
      )}
      {failure && (
        <Alert
          className="failure"
          type="error"
          showIcon
          title={t('import.upload_failed')}
          description={failure}
        />
      )}
      {sent ? (
        <Sending {...sent} onCancel={() => cancel.current()} />
      ) : (
        <div className="upload-row">
          <label htmlFor="import-into">{t('import.into')}</label>
          <TargetSelect
            id="import-into"
            targets={targets.data ?? []}
            loading={targets.isPending}
            value={into}
            onChange={setInto}
          />
          <span className="spring" />
          <Button
            type="primary"
            disabled={files.length === 0 || stop !== null || into === null}
            onClick={() => void send()}
          >
            {t('import.upload')}
          </Button>
        </div>
      )}
    </section>
  );
}

function Sending({ sent, total, onCancel }: { sent: number; total: number; onCancel: () => void }) {
  const { t } = useText();
  const percent = total > 0 ? Math.min(100, Math.floor((100 * sent) / total)) : 0;
  // Sent is not stored: the server still writes the last of it.
  const text = percent < 100 ? t('import.sending') : t('import.storing');
  return (
    <div className="upload-row sending">
      <div className="progress-line">
        <span>
          {text} <span className="quiet">{`${bytes(sent)} / ${bytes(total)}`}</span>
        </span>
        <Progress percent={percent} aria-label={text} status="active" />
      </div>
      <Button onClick={onCancel}>{t('import.cancel')}</Button>
    </div>
  );
}
