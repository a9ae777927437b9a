import { Button, Form, Input } from 'antd';
import { signIn } from '../api/accounts';
import { useAction } from '../api/action';
import type { Session } from '../api/schema';
import { useText } from '../i18n';
import { Failure } from './Failure';

/** For those who were given an API token and no password. */
export function TokenSignIn({ onDone }: { onDone: (session: Session) => void }) {
  const { t } = useText();
  const action = useAction(async ({ token }: { token: string }) =>
    onDone(await signIn({ token: token.trim() })),
  );
  return (
    <Form name="sign_in_token" layout="vertical" requiredMark={false} onFinish={action.run}>
      <Form.Item
        name="token"
        label={t('session.token')}
        extra={t('session.token_help')}
        rules={[{ required: true, whitespace: true, message: t('session.token_missing') }]}
      >
        <Input.Password size="large" autoComplete="off" autoFocus />
      </Form.Item>
      <Failure title={t('session.failed')} why={action.failure} />
      <Button block size="large" type="primary" htmlType="submit" loading={action.busy}>
        {t('session.sign_in')}
      </Button>
    </Form>
  );
}
