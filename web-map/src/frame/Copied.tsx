import { CopyOutlined } from '@ant-design/icons';
import { App, Button } from 'antd';
import { copyText } from '../copy';
import { useText } from '../i18n';

/** A text to take along: an address, a command, a secret. */
export function Copied({ label, text }: { label: string; text: string }) {
  const { t } = useText();
  const { message } = App.useApp();
  const copy = async () => {
    if (await copyText(text)) message.success(t('account.copied'));
    else message.info(t('status.copy_failed'));
  };
  return (
    <div className="copied">
      <code aria-label={label}>{text}</code>
      <Button
        type="text"
        size="small"
        icon={<CopyOutlined />}
        title={t('share.copy')}
        aria-label={`${t('share.copy')} ${label}`}
        onClick={() => void copy()}
      />
    </div>
  );
}
