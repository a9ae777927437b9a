import { Modal } from 'antd';
import type { Session } from '../api/schema';
import { useText } from '../i18n';
import { fromPath } from '../state/base';
import { SignInForm } from './SignInForm';

type Props = { open: boolean; onClose: () => void; onDone: (session: Session) => void };

/** The sign-in page's form over what one was looking at. */
export function SignInDialog({ open, onClose, onDone }: Props) {
  const { t } = useText();
  const { pathname, search, hash } = location;
  return (
    <Modal
      title={t('session.sign_in')}
      open={open}
      onCancel={onClose}
      footer={null}
      width={420}
      destroyOnHidden
    >
      <SignInForm to={`${fromPath(pathname) ?? '/'}${search}${hash}`} onDone={onDone} />
    </Modal>
  );
}
