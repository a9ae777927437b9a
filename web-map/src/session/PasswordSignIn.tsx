import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { signIn } from '../api/accounts';
import { Problem } from '../api/client';
import { explain } from '../api/explain';
import type { Session } from '../api/schema';
import { useText } from '../i18n';
import { Failure } from './Failure';
import { NewPassword } from './NewPassword';
import { refusal } from './refusal';

type Given = { account: string; password: string; new_password?: string };

/** Account and password; an expired password is renewed in place. */
export function PasswordSignIn({ onDone }: { onDone: (session: Session) => void }) {
  const { t } = useText();
  const [form] = Form.useForm<Given>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<{ title: string; why: string } | null>(null);
  const [expired, setExpired] = useState<string | null>(null);

  const submit = async ({ account, password, new_password }: Given) => {
    setBusy(true);
    setFailure(null);
    try {
      onDone(await signIn({ account: account.trim(), password, ...(expired ? { new_password } : {}) }));
    } catch (error) {
      if (error instanceof Problem && error.kind === 'password-expired') {
        setExpired(account.trim());
        // The first refusal asks for a new password; the next ones say what is wrong with it.
        if (expired) setFailure({ title: t('session.failed'), why: explain(error, t) });
      } else {
        setFailure({ title: refusal(error, t), why: explain(error, t) });
      }
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form
      name="sign_in"
      form={form}
      layout="vertical"
      requiredMark={false}
      onFinish={(it) => void submit(it)}
    >
      {expired && <Alert className="failure" type="warning" showIcon title={t('session.expired')} />}
      <Form.Item
        name="account"
        label={t('session.account')}
        rules={[{ required: true, whitespace: true, message: t('session.account_missing') }]}
      >
        <Input
          size="large"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={100}
          readOnly={expired !== null}
          autoFocus
        />
      </Form.Item>
      <Form.Item
        name="password"
        label={t(expired ? 'session.password_old' : 'session.password')}
        rules={[{ required: true, message: t('session.password_missing') }]}
      >
        <Input.Password size="large" autoComplete="current-password" maxLength={200} />
      </Form.Item>
      {expired && <NewPassword account={expired} size="large" autoFocus />}
      {failure && <Failure {...failure} />}
      <Button block size="large" type="primary" htmlType="submit" loading={busy}>
        {t(expired ? 'session.renew' : 'session.sign_in')}
      </Button>
    </Form>
  );
}
