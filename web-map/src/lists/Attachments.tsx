import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Input, Popconfirm, Progress, Skeleton } from 'antd';
import { useRef, useState } from 'react';
import { useAction } from '../api/action';
import { download } from '../api/client';
import { explain } from '../api/explain';
import { attach, attachmentPath, useAttachments, withdraw, type Attachment } from '../api/papers';
import { bytes, minute } from '../format';
import { useText } from '../i18n';
import { unfit } from './files';

type Props = { code: string; isClosed: boolean };

/** Papers of a case: added, fetched, and withdrawn with a reason; that one was there stays. */
export function Attachments({ code, isClosed }: Props) {
  const { t, list } = useText();
  const queries = useQueryClient();
  const found = useAttachments(code);
  const field = useRef<HTMLInputElement>(null);
  const [note, setNote] = useState('');
  const [sent, setSent] = useState<number | null>(null);
  const again = async () => {
    await queries.invalidateQueries({ queryKey: ['attachments', code] });
    await queries.invalidateQueries({ queryKey: ['case_events', code] });
  };
  const add = useAction(async (file: File) => {
    const why = found.data ? unfit(file, found.data.limits) : null;
    if (why !== null) throw new Error(t(`lists.unfit.${why}`, limits));
    try {
      await attach(code, file, note.trim(), (done, of) => setSent(of > 0 ? done / of : 0)).done;
      setNote('');
    } finally {
      setSent(null);
    }
    await again();
  });
  if (found.isError) return <Alert type="error" showIcon title={explain(found.error, t)} />;
  if (!found.data) return <Skeleton active />;
  const { attachments, limits: of } = found.data;
  const limits = { kinds: list(of.kinds), file: bytes(of.file_bytes), all: bytes(of.case_bytes) };
  return (
    <div className="stacked">
      {!isClosed && (
        <div className="attach">
          <Input
            maxLength={200}
            value={note}
            onChange={(event) => setNote(event.target.value)}
            placeholder={t('lists.attachment_note')}
            aria-label={t('lists.attachment_note')}
          />
          <input
            ref={field}
            type="file"
            className="unseen"
            tabIndex={-1}
            accept={of.kinds.map((it) => `.${it}`).join(',')}
            aria-label={t('lists.choose_file')}
            onChange={(event) => {
              const [file] = event.target.files ?? [];
              if (file) add.run(file);
              // Chosen again after it was mended, the same file is a change.
              event.target.value = '';
            }}
          />
          <Button type="primary" loading={add.busy} onClick={() => field.current?.click()}>
            {t('lists.attach')}
          </Button>
        </div>
      )}
      <p className="quiet">{t('lists.attachment_limits', limits)}</p>
      {sent !== null && <Progress percent={Math.round(sent * 100)} aria-label={t('lists.attach')} />}
      {add.failure && <Alert type="error" showIcon title={add.failure} />}
      {attachments.length === 0 && <p className="quiet">{t('lists.no_attachments')}</p>}
      <ul className="comments attachments">
        {attachments.map((it) => (
          <Row key={it.attachment_id} it={it} isClosed={isClosed} onDone={again} />
        ))}
      </ul>
    </div>
  );
}

function Row({ it, isClosed, onDone }: { it: Attachment; isClosed: boolean; onDone: () => Promise<void> }) {
  const { t } = useText();
  const [reason, setReason] = useState('');
  const fetchIt = useAction(() => download(attachmentPath(it), it.name));
  const takeBack = useAction(async () => {
    await withdraw(it, reason.trim());
    await onDone();
  });
  const failure = fetchIt.failure ?? takeBack.failure;
  const isGone = it.withdrawn_at !== null;
  return (
    <li className={isGone ? 'gone' : undefined}>
      <div className="attachment-name">
        {isGone ? (
          <del>{it.name}</del>
        ) : (
          <Button type="link" size="small" onClick={() => fetchIt.run()} loading={fetchIt.busy}>
            {it.name}
          </Button>
        )}
        <span className="quiet">{bytes(it.bytes)}</span>
        <span className="spring" />
        {!isGone && !isClosed && (
          <Popconfirm
            title={t('lists.withdraw_sure')}
            description={
              <Input
                maxLength={200}
                value={reason}
                onChange={(event) => setReason(event.target.value)}
                placeholder={t('lists.reason')}
                aria-label={t('lists.reason')}
              />
            }
            okText={t('lists.withdraw')}
            okButtonProps={{ disabled: reason.trim() === '' }}
            onConfirm={() => takeBack.run()}
          >
            <Button type="link" size="small" danger aria-label={`${t('lists.withdraw')} ${it.name}`}>
              {t('lists.withdraw')}
            </Button>
          </Popconfirm>
        )}
      </div>
      {it.note && <p>{it.note}</p>}
      <p className="quiet">
        {minute(it.recorded_at)} {it.recorded_by}
        {isGone &&
          ` · ${t('lists.withdrawn', { by: it.withdrawn_by, at: minute(it.withdrawn_at), why: it.withdrawn_reason })}`}
      </p>
      {failure && <Alert type="error" showIcon title={failure} />}
    </li>
  );
}
