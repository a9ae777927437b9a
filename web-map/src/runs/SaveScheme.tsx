import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Input } from 'antd';
import { useState } from 'react';
import { Problem } from '../api/client';
import { explain } from '../api/explain';
import { saveScheme, type SchemeFault } from '../api/runs';
import type { Scheme } from '../api/schema';
import { useText } from '../i18n';

/** The text as a new version with its day and document; faults are told at their place, and nothing is stored then. */
export function SaveScheme({ scheme, text }: { scheme: Scheme; text: string }) {
  const { t } = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [id, setId] = useState(scheme.id);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [document, setDocument] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<{ why: string; faults: SchemeFault[] } | null>(null);
  const save = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const saved = await saveScheme({
        id: id.trim(),
        text,
        valid_from: from,
        valid_to: to === '' ? null : to,
        document: document.trim(),
      });
      message.success(t('runs.saved', { id: saved.id, version: saved.version }));
      await queries.invalidateQueries({ queryKey: ['schemes'] });
    } catch (error) {
      setFailure({ why: explain(error, t), faults: error instanceof Problem ? faultsOf(error.members) : [] });
    } finally {
      setBusy(false);
    }
  };
  const isReady = id.trim() !== '' && from !== '' && document.trim() !== '';
  return (
    <section className="scheme-save" aria-label={t('runs.save_title')}>
      <h3>{t('runs.save_title')}</h3>
      <p className="quiet">{t('runs.save_means')}</p>
      <div className="toolbar fields">
        <label>
          {t('runs.save_id')}
          <Input value={id} maxLength={40} spellCheck={false} onChange={(it) => setId(it.target.value)} />
        </label>
        <label>
          {t('runs.valid_from')}
          <Input type="date" value={from} onChange={(it) => setFrom(it.target.value)} />
        </label>
        <label>
          {t('runs.valid_to')}
          <Input type="date" value={to} onChange={(it) => setTo(it.target.value)} />
        </label>
        <label className="wide">
          {t('runs.document')}
          <Input value={document} maxLength={2000} onChange={(it) => setDocument(it.target.value)} />
        </label>
        <Button type="primary" disabled={!isReady} loading={busy} onClick={() => void save()}>
          {t('runs.save')}
        </Button>
      </div>
      {failure && (
        <Alert
          type="error"
          showIcon
          title={failure.faults.length > 0 ? t('runs.faults', { count: failure.faults.length }) : failure.why}
          description={
            failure.faults.length > 0 && (
              <ul className="reasons">
                {failure.faults.map((it, nth) => (
                  <li key={nth}>
                    {it.at && <b>{it.at}：</b>}
                    {it.why}
                  </li>
                ))}
              </ul>
            )
          }
        />
      )}
    </section>
  );
}

/** The faults of a problem, as far as they have the form that is known. */
function faultsOf(members: Readonly<Record<string, unknown>>): SchemeFault[] {
  const faults = members['faults'];
  if (!Array.isArray(faults)) return [];
  return faults.flatMap((it: unknown): SchemeFault[] => {
    if (typeof it !== 'object' || it === null || !('why' in it) || typeof it.why !== 'string') return [];
    return [{ at: 'at' in it && typeof it.at === 'string' ? it.at : '', why: it.why }];
  });
}
