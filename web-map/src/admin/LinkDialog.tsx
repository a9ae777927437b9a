import { Button, Modal } from 'antd';
import type { SignInLink } from '../api/schema';
import { minute } from '../format';
import { Copied } from '../frame/Copied';
import { useText } from '../i18n';

/** Given to its owner by hand or mail; whoever opens it first is signed in. */
export function LinkDialog({ name, link, onClose }: { name: string; link: SignInLink; onClose: () => void }) {
  const { t } = useText();
  return (
    <Modal
      title={t('admin.link_title', { name })}
      open
      onCancel={onClose}
      mask={{ closable: false }}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('account.secret_done')}
        </Button>
      }
      width={560}
    >
      <p className="dialog-lead">{t('admin.link_lead', { name, time: minute(link.expires_at) })}</p>
      <Copied label={t('admin.link')} text={link.url} />
    </Modal>
  );
}
