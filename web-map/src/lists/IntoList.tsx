import { Button } from 'antd';
import { useState } from 'react';
import type { Asked } from '../api/scenarios';
import type { Session } from '../api/schema';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { listPath } from '../state/url';
import { NewListDialog } from './NewListDialog';
import './lists.css';
import './case.css';

/** From thresholds that are being tried to a list of what they find low. */
export function IntoList({ asked, session }: { asked: Asked; session: Session }) {
  const { t } = useText();
  const [isOpen, setOpen] = useState(false);
  const { layer, ruleset, changes } = asked;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('lists.into_list')}</Button>
      {isOpen && (
        <NewListDialog
          session={session}
          first={{ source: 'thresholds', thresholds: { layer, ruleset, changes } }}
          onClose={() => setOpen(false)}
          onOpen={(listId) => location.assign(toPath(listPath(listId)))}
        />
      )}
    </>
  );
}
