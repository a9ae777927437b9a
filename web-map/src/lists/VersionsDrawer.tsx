import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Drawer, Input, Select, Skeleton } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { freezeList, useVersions, type List, type Version } from '../api/lists';
import { decimal, minute } from '../format';
import { useText } from '../i18n';
import { Comparison } from './Comparison';
import { save } from './store';

/** Freezes the list as it is, and lays two versions beside each other. */
export function VersionsDrawer({ list, onClose }: { list: List; onClose: () => void }) {
  const { t } = useText();
  const queries = useQueryClient();
  const versions = useVersions(list.list_id);
  const [note, setNote] = useState('');
  const [from, setFrom] = useState<number | null>(null);
  const [to, setTo] = useState<number | null>(null);
  const freeze = useAction(async () => {
    await save();
    await freezeList(list.list_id, note.trim());
    setNote('');
    await queries.invalidateQueries({ queryKey: ['versions', list.list_id] });
  });
  const all = versions.data ?? [];
  const earlier = from ?? all.at(-1)?.version ?? null;
  const option = (it: Version) => ({
    value: it.version,
    label: t('lists.version', { nth: it.version, at: minute(it.frozen_at) }),
  });
  return (
    <Drawer open title={t('lists.versions')} size={760} onClose={onClose}>
      <div className="stacked">
        <div className="freeze">
          <Input
            value={note}
            maxLength={2000}
            onChange={(event) => setNote(event.target.value)}
            placeholder={t('lists.freeze_note')}
            aria-label={t('lists.freeze_note')}
          />
          <Button type="primary" loading={freeze.busy} onClick={() => freeze.run()}>
            {t('lists.freeze')}
          </Button>
        </div>
        <p className="quiet">{t('lists.freeze_says')}</p>
        {freeze.failure && <Alert type="error" showIcon title={freeze.failure} />}
        {versions.isPending && <Skeleton active />}
        <ul className="versions">
          {all.map((it) => (
            <li key={it.version}>
              <b>{t('lists.nth', { nth: it.version })}</b> {minute(it.frozen_at)}{' '}
              <span className="quiet">{it.frozen_by}</span>
              <span className="spring" />
              {t('lists.version_sum', { count: it.total.cases, mu: decimal(it.total.area_mu, 2) })}
              {it.note && <p className="quiet">{it.note}</p>}
            </li>
          ))}
          {all.length === 0 && !versions.isPending && <li className="quiet">{t('lists.no_versions')}</li>}
        </ul>
        {all.length > 0 && (
          <>
            <div className="freeze">
              <Select
                value={earlier}
                onChange={setFrom}
                options={all.map(option)}
                aria-label={t('lists.from_version')}
              />
              <span>→</span>
              <Select
                value={to ?? 0}
                onChange={(it) => setTo(it === 0 ? null : it)}
                options={[{ value: 0, label: t('lists.now') }, ...all.map(option)]}
                aria-label={t('lists.to_version')}
              />
            </div>
            <Comparison listId={list.list_id} from={earlier} to={to} />
          </>
        )}
      </div>
    </Drawer>
  );
}
