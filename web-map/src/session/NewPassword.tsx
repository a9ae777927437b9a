import { CheckCircleFilled, MinusCircleOutlined } from '@ant-design/icons';
import { Form, Input } from 'antd';
import { useId } from 'react';
import { useSession } from '../api/hooks';
import { useText } from '../i18n';
import { passwordRules } from './rules';

type Props = { account: string; size?: 'middle' | 'large'; autoFocus?: boolean };

/** Two fields of a form and the rules, each ticked as it is met. */
export function NewPassword({ account, size = 'middle', autoFocus = false }: Props) {
  const { t } = useText();
  const numbers = useSession().data?.sign_in.password_rules;
  const rulesId = useId();
  const form = Form.useFormInstance();
  const typed = String(Form.useWatch<unknown>('new_password', form) ?? '');
  return (
    <>
      <Form.Item
        name="new_password"
        label={t('session.password_new')}
        rules={[{ required: true, message: t('session.password_missing') }]}
      >
        <Input.Password
          size={size}
          autoComplete="new-password"
          maxLength={200}
          aria-describedby={rulesId}
          autoFocus={autoFocus}
        />
      </Form.Item>
      <ul className="password-rules" id={rulesId}>
        {passwordRules(typed, account, numbers).map(({ key, least, met }) => (
          <li key={key} className={met ? 'met' : ''}>
            {met ? (
              <CheckCircleFilled aria-label={t('session.rule_met')} />
            ) : (
              <MinusCircleOutlined aria-hidden />
            )}
            {t(`session.rule.${key}`, { least })}
          </li>
        ))}
      </ul>
      <Form.Item
        name="repeated"
        label={t('session.password_again')}
        dependencies={['new_password']}
        rules={[
          {
            validator: async (_, value: unknown) => {
              if (value !== form.getFieldValue('new_password'))
                throw new Error(t('session.password_differs'));
            },
          },
        ]}
      >
        <Input.Password size={size} autoComplete="new-password" maxLength={200} />
      </Form.Item>
    </>
  );
}
