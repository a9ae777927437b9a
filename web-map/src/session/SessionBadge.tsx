import { LogoutOutlined, UserOutlined } from '@ant-design/icons';
import { App, Button, Dropdown } from 'antd';
import { useState } from 'react';
import { remove } from '../api/client';
import { explain } from '../api/explain';
import { useSession } from '../api/hooks';
import { useText } from '../i18n';
import { SignInDialog } from './SignInDialog';

export function SessionBadge() {
  const { t } = useText();
  const { message } = App.useApp();
  const session = useSession();
  const [asking, setAsking] = useState(false);

  if (!session.data || session.data.role === 'public') {
    return (
      <>
        <Button type="text" icon={<UserOutlined />} onClick={() => setAsking(true)}>
          {t('session.sign_in')}
        </Button>
        <SignInDialog open={asking} onClose={() => setAsking(false)} />
      </>
    );
  }
  const signOut = async () => {
    try {
      await remove('/api/v1/session');
      location.reload();
    } catch (error) {
      message.error(explain(error, t));
    }
  };
  const { account, role } = session.data;
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [{ key: 'out', icon: <LogoutOutlined />, label: t('session.sign_out') }],
        onClick: () => void signOut(),
      }}
    >
      <Button type="text" icon={<UserOutlined />} className="session">
        {account && <span>{account}</span>}
        <span className="role">{t(`session.role.${role}`)}</span>
      </Button>
    </Dropdown>
  );
}
