import { Alert, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { postJson } from '../api/client';
import { explain } from '../api/explain';
import type { Session } from '../api/schema';
import { useText } from '../i18n';

export function SignInDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useText();
  const [form] = Form.useForm<{ token: string }>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const signIn = async ({ token }: { token: string }) => {
    setBusy(true);
    setFailure(null);
    try {
      await postJson<Session>('/api/v1/session', { token: token.trim() });
      // Every tile and answer depends on the role; a fresh page cannot mix the two.
      location.reload();
    } catch (error) {
      setFailure(explain(error, t));
      setBusy(false);
    }
  };
  return (
    <Modal
      title={t('session.sign_in')}
      open={open}
      onCancel={onClose}
      onOk={() => form.submit()}
      okText={t('session.sign_in')}
      confirmLoading={busy}
      width={420}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(it) => void signIn(it)}>
        <Form.Item
          name="token"
          label={t('session.token')}
          extra={t('session.token_help')}
          rules={[{ required: true, whitespace: true, message: t('session.token_missing') }]}
        >
          <Input.Password autoComplete="current-password" autoFocus />
        </Form.Item>
      </Form>
      {failure && <Alert type="error" showIcon title={t('session.failed', { why: failure })} />}
    </Modal>
  );
}
