import { OrderedListOutlined } from '@ant-design/icons';
import { Button, type ButtonProps } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { useSession } from '../api/hooks';
import { useText } from '../i18n';
import { isSignedIn, reaches } from '../session/roles';

// Apart, so that the map and a dossier do without lists until then.
const IntoListDialog = lazy(() => import('./IntoListDialog').then((it) => ({ default: it.IntoListDialog })));

type Props = Pick<ButtonProps, 'type'> & { codes: readonly string[]; compact?: boolean };

/** Parcels into a list, for those who keep lists. `compact` leaves the button its icon only. */
export function IntoListButton({ codes, type = 'default', compact = false }: Props) {
  const { t } = useText();
  const session = useSession().data;
  const [isOpen, setOpen] = useState(false);
  if (!isSignedIn(session) || !reaches(session.role, 'officer')) return null;
  const label = t('lists.into');
  return (
    <>
      <Button
        size="small"
        type={compact ? 'text' : type}
        icon={<OrderedListOutlined />}
        title={label}
        aria-label={label}
        disabled={codes.length === 0}
        onClick={() => setOpen(true)}
      >
        {compact ? null : label}
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <IntoListDialog session={session} codes={codes} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
