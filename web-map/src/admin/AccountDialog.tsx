import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Drawer, Form, Input, Radio, Select, Switch } from 'antd';
import { changeAccount, createAccount, createLink } from '../api/accounts';
import { useAction } from '../api/action';
import type { Account, AccountRole, SignInLink } from '../api/schema';
import { useText } from '../i18n';
import { Failure } from '../session/Failure';
import { accountRoles, unitsMatter } from '../session/roles';
import { useUnits } from './units';

type Given = {
  name: string;
  title?: string;
  role: AccountRole;
  bounded: boolean;
  responsible_units?: string[];
  oidc_subject?: string;
  enabled: boolean;
};

type Props = {
  open: boolean;
  /** Null makes a new one. */
  account: Account | null;
  self: string | null;
  /** Units that other accounts have. */
  units: string[];
  onClose: () => void;
  onLink: (account: Account, link: SignInLink) => void;
};

/** Makes an account, and at once the link by which its owner chooses a password; or changes one. */
export function AccountDialog({ open, account, onClose, ...props }: Props) {
  const { t } = useText();
  return (
    <Drawer
      title={account ? t('admin.edit_title', { name: account.name }) : t('admin.new')}
      open={open}
      onClose={onClose}
      size={460}
      destroyOnHidden
    >
      <AccountForm key={account?.name ?? ''} account={account} onClose={onClose} {...props} />
    </Drawer>
  );
}

function AccountForm({ account, self, units, onClose, onLink }: Omit<Props, 'open'>) {
  const { t } = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<Given>();
  const role = Form.useWatch('role', form) ?? account?.role ?? 'viewer';
  const bounded = Form.useWatch('bounded', form) ?? true;
  const isSelf = account !== null && account.name === self;
  const known = useUnits();
  const options = [...new Set([...known, ...units])].map((it) => ({ value: it, label: it }));

  const save = useAction(
    async ({ name, title, role, bounded, responsible_units, oidc_subject, enabled }: Given) => {
      const members = {
        role,
        title: title?.trim() || null,
        responsible_units: unitsMatter(role) && bounded ? (responsible_units ?? []) : null,
        oidc_subject: oidc_subject?.trim() || null,
      };
      if (account) {
        await changeAccount(account.name, { ...members, ...(isSelf ? {} : { disabled: !enabled }) });
        message.success(t('admin.saved', { name: account.name }));
        onClose();
      } else {
        const made = await createAccount({ name: name.trim(), ...members });
        onLink(made, await createLink(made.name));
      }
      await queries.invalidateQueries({ queryKey: ['accounts'] });
    },
  );
  return (
    <Form<Given>
      name="account"
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{
        name: account?.name,
        title: account?.title ?? undefined,
        role: account?.role ?? 'viewer',
        // Little is given by default: somebody has to choose "everywhere".
        bounded: account ? account.responsible_units !== null : true,
        responsible_units: account?.responsible_units ?? [],
        oidc_subject: account?.oidc_subject ?? undefined,
        enabled: !account?.disabled,
      }}
      onFinish={save.run}
    >
      {!account && (
        <Form.Item
          name="name"
          label={t('account.name')}
          extra={t('admin.name_help')}
          rules={[{ required: true, whitespace: true, message: t('session.account_missing') }]}
        >
          <Input autoFocus maxLength={64} autoComplete="off" autoCapitalize="none" spellCheck={false} />
        </Form.Item>
      )}
      <Form.Item name="title" label={t('admin.name_title')} extra={t('admin.title_help')}>
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item name="role" label={t('account.role')} extra={t(`session.role_means.${role}`)}>
        <Select<AccountRole>
          disabled={isSelf}
          options={accountRoles.map((it) => ({ value: it, label: t(`session.role.${it}`) }))}
        />
      </Form.Item>
      {unitsMatter(role) && (
        <Form.Item name="bounded" label={t('admin.holds')}>
          <Radio.Group
            options={[
              { value: true, label: t('admin.in_units') },
              { value: false, label: t('account.everywhere') },
            ]}
          />
        </Form.Item>
      )}
      {unitsMatter(role) && bounded && (
        <Form.Item
          name="responsible_units"
          label={t('account.units')}
          extra={t('admin.units_help')}
          rules={[{ required: true, message: t('admin.units_missing') }]}
        >
          <Select<string[]> mode="tags" options={options} tokenSeparators={[',', '，', '、', ';', '；']} />
        </Form.Item>
      )}
      <Form.Item name="oidc_subject" label={t('admin.oidc')} extra={t('admin.oidc_help')}>
        <Input maxLength={200} autoComplete="off" spellCheck={false} />
      </Form.Item>
      {account && (
        <Form.Item
          name="enabled"
          label={t('admin.enabled')}
          extra={t(isSelf ? 'admin.self_help' : 'admin.enabled_help')}
        >
          <Switch disabled={isSelf} />
        </Form.Item>
      )}
      <Failure title={t('admin.failed')} why={save.failure} />
      <div className="form-end">
        <Button onClick={onClose}>{t('admin.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={save.busy}>
          {t(account ? 'admin.save' : 'admin.create')}
        </Button>
      </div>
    </Form>
  );
}
