import { Form, Input, Modal, Select } from 'antd';
import { createToken } from '../api/accounts';
import { useAction } from '../api/action';
import type { AccountRole, MadeToken } from '../api/schema';
import { useText } from '../i18n';
import { Failure } from '../session/Failure';
import { rolesUpTo } from '../session/roles';
import { lifetimes } from './tokens';

type Given = { name: string; role: AccountRole; days: number };
type Props = {
  open: boolean;
  /** No token may do more than its account. */
  role: AccountRole;
  onClose: () => void;
  onMade: (token: MadeToken) => void;
};

export function NewTokenDialog({ open, role, onClose, onMade }: Props) {
  const { t } = useText();
  const [form] = Form.useForm<Given>();
  const action = useAction(async ({ name, ...given }: Given) =>
    onMade(await createToken({ name: name.trim(), ...given })),
  );
  return (
    <Modal
      title={t('account.token_new')}
      open={open}
      onCancel={onClose}
      onOk={() => form.submit()}
      okText={t('account.token_create')}
      confirmLoading={action.busy}
      afterOpenChange={action.clear}
      width={460}
      destroyOnHidden
    >
      <Form<Given>
        name="new_token"
        form={form}
        layout="vertical"
        requiredMark={false}
        preserve={false}
        initialValues={{ role: 'viewer', days: 90 }}
        onFinish={action.run}
      >
        <Form.Item
          name="name"
          label={t('account.token_name')}
          extra={t('account.token_name_help')}
          rules={[{ required: true, whitespace: true, message: t('account.token_name_missing') }]}
        >
          <Input autoFocus maxLength={60} autoComplete="off" />
        </Form.Item>
        <Form.Item name="role" label={t('account.role')} extra={t('account.token_role_help')}>
          <Select<AccountRole>
            options={rolesUpTo(role).map((it) => ({ value: it, label: t(`session.role.${it}`) }))}
          />
        </Form.Item>
        <Form.Item name="days" label={t('account.lifetime')}>
          <Select<number>
            options={lifetimes.map((it) => ({ value: it, label: t('account.days', { count: it }) }))}
          />
        </Form.Item>
        <Failure title={t('account.token_failed')} why={action.failure} />
      </Form>
    </Modal>
  );
}
