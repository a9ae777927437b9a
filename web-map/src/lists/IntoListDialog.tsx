import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Modal, Select } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { explain } from '../api/explain';
import { addCases, useLists, type Added, type List } from '../api/lists';
import type { Session } from '../api/schema';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { listPath } from '../state/url';
import { NewListDialog } from './NewListDialog';
import { Outcome } from './Outcome';
import './lists.css';
import './case.css';

type Props = { session: Session; codes: readonly string[]; onClose: () => void };

/** Parcels of the map or a dossier into a list that is open, or into a new one. */
export function IntoListDialog({ session, codes, onClose }: Props) {
  const { t } = useText();
  const queries = useQueryClient();
  const lists = useLists();
  const open = (lists.data?.pages ?? []).flatMap((it) => it.lists).filter((it) => it.state !== 'closed');
  const [listId, setListId] = useState<number | null>(null);
  const [isNew, setNew] = useState(false);
  const [made, setMade] = useState<Added | null>(null);
  const goTo = (list: number) => location.assign(toPath(listPath(list)));
  const add = useAction(async () => {
    if (listId === null) return;
    setMade(await addCases(listId, { parcel_codes: codes.join('\n') }));
    await queries.invalidateQueries({ queryKey: ['lists'] });
  });
  // Where there is no list yet, nothing is to be chosen; it stays so while the first one is made and told of.
  if (!isNew && lists.data && open.length === 0 && !lists.hasNextPage) setNew(true);
  if (isNew) {
    const first = { source: 'codes' as const, codes: codes.join('\n') };
    return <NewListDialog session={session} first={first} onClose={onClose} onOpen={goTo} />;
  }
  const title = (it: List) =>
    [it.name, t(`lists.kind.${it.kind}`), it.year, it.responsible_unit ?? t('lists.district')].join(' · ');
  return (
    <Modal
      open
      title={t('lists.into')}
      onCancel={onClose}
      footer={
        made ? (
          <>
            <Button onClick={() => goTo(made.list.list_id)}>{t('lists.open')}</Button>
            <Button type="primary" onClick={onClose}>
              {t('lists.done')}
            </Button>
          </>
        ) : (
          <>
            <Button onClick={() => setNew(true)}>{t('lists.make')}</Button>
            <Button type="primary" disabled={listId === null} loading={add.busy} onClick={() => add.run()}>
              {t('lists.into_add', { count: codes.length })}
            </Button>
          </>
        )
      }
    >
      {made ? (
        <Outcome of={made} />
      ) : (
        <Select
          className="into-list"
          showSearch
          optionFilterProp="label"
          loading={lists.isPending}
          value={listId}
          onChange={setListId}
          placeholder={t('lists.into_which')}
          aria-label={t('lists.into_which')}
          options={open.map((it) => ({ value: it.list_id, label: title(it) }))}
          onPopupScroll={() => {
            if (lists.hasNextPage && !lists.isFetching) void lists.fetchNextPage();
          }}
        />
      )}
      {lists.isError && <Alert type="error" showIcon title={explain(lists.error, t)} />}
      {add.failure && <Alert type="error" showIcon title={add.failure} />}
    </Modal>
  );
}
