import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input } from 'antd';
import { changePassword } from '../api/accounts';
import { useAction } from '../api/action';
import type { Session } from '../api/schema';
import { useText } from '../i18n';
import { Failure } from '../session/Failure';
import { NewPassword } from '../session/NewPassword';

type Given = { password?: string; new_password: string };

export function PasswordCard({ session, account }: { session: Session; account: string }) {
  const { t } = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<Given>();
  // A session from a one-time link needs no current password: there may be none.
  const first = session.means === 'link';
  const action = useAction(async ({ password, new_password }: Given) => {
    await changePassword({ ...(password ? { password } : {}), new_password });
    form.resetFields();
    message.success(t('account.password_changed'));
    await queries.invalidateQueries({ queryKey: ['session'] });
  });
  return (
    <section className="card">
      <h3>{t(first ? 'account.set_password' : 'account.change_password')}</h3>
      {session.must_change_password && (
        <Alert className="failure" type="warning" showIcon title={t('session.must_change')} />
      )}
      <Form name="own_password" form={form} layout="vertical" requiredMark={false} onFinish={action.run}>
        {/* Password managers need to know whose password this is. */}
        <input type="text" autoComplete="username" value={account} readOnly hidden />
        {!first && (
          <Form.Item
            name="password"
            label={t('session.password_old')}
            rules={[{ required: true, message: t('session.password_missing') }]}
          >
            <Input.Password autoComplete="current-password" maxLength={200} />
          </Form.Item>
        )}
        <NewPassword account={account} />
        <Failure title={t('account.password_failed')} why={action.failure} />
        <Button type="primary" htmlType="submit" loading={action.busy}>
          {t(first ? 'account.set_password' : 'account.change_password')}
        </Button>
      </Form>
    </section>
  );
}
