import { OrderedListOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useSession } from '../api/hooks';
import { useText } from '../i18n';
import { reaches } from '../session/roles';

const IntoListDialog = lazy(() =>
  import('../lists/IntoListDialog').then((it) => ({ default: it.IntoListDialog })),
);

/** From a parcel's dossier into a list, for those who keep lists. `compact` leaves it its icon only. */
export function IntoListButton({ parcelCode, compact = false }: { parcelCode: string; compact?: boolean }) {
  const { t } = useText();
  const session = useSession().data;
  const [isOpen, setOpen] = useState(false);
  if (!session || session.account === null || !reaches(session.role, 'officer')) return null;
  const label = t('select.into_list');
  return (
    <>
      <Button
        size="small"
        type={compact ? 'text' : 'default'}
        icon={<OrderedListOutlined />}
        title={label}
        aria-label={label}
        onClick={() => setOpen(true)}
      >
        {compact ? null : label}
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <IntoListDialog session={session} codes={[parcelCode]} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
