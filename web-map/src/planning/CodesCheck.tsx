import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Empty, Form, Input } from 'antd';
import { useEffect, useRef } from 'react';
import { explain } from '../api/explain';
import { checkCodes } from '../api/planning';
import { useText } from '../i18n';
import { codesAtMost, readCodes } from './codes';
import { Found } from './Found';
import { ProposedFields, proposedOf, type Asked } from './ProposedFields';

type AskedOfCodes = Asked & { codes: string };

/** Parcels by their codes; the one that the page was opened for is checked at once. */
export function CodesCheck({ code }: { code: string | null }) {
  const { t } = useText();
  const check = useMutation({
    mutationFn: ({ codes, ...asked }: AskedOfCodes) => checkCodes(readCodes(codes), proposedOf(asked)),
  });
  const { mutate } = check;
  const opened = useRef(code);
  useEffect(() => {
    if (opened.current !== null) mutate({ codes: opened.current });
  }, [mutate]);
  const some = (value: string) => {
    const count = readCodes(value ?? '').length;
    if (count === 0) return Promise.reject(new Error(t('planning.no_codes')));
    return count > codesAtMost
      ? Promise.reject(new Error(t('planning.too_many_codes', { most: codesAtMost })))
      : Promise.resolve();
  };
  return (
    <div className="planning-split">
      <Form<AskedOfCodes>
        className="card planning-form"
        layout="vertical"
        initialValues={{ codes: code ?? '' }}
        onFinish={(asked) => check.mutate(asked)}
      >
        <Form.Item
          name="codes"
          label={t('planning.codes')}
          extra={t('planning.codes_help')}
          rules={[{ validator: (_, value: string) => some(value) }]}
        >
          <Input.TextArea autoSize={{ minRows: 3, maxRows: 10 }} spellCheck={false} />
        </Form.Item>
        <ProposedFields empty={t('planning.as_is')} />
        <Button type="primary" htmlType="submit" loading={check.isPending}>
          {t('planning.check')}
        </Button>
      </Form>
      <div aria-live="polite">
        {check.isError && <Alert type="error" showIcon title={explain(check.error, t)} />}
        {check.data ? (
          <Found of={check.data} />
        ) : (
          !check.isError && <Empty className="card" description={t('planning.check_lead')} />
        )}
      </div>
    </div>
  );
}
