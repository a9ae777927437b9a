import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Empty, Form, Input, InputNumber, Select } from 'antd';
import { explain } from '../api/explain';
import { checkCodes, useTerms, type Conformity, type Outcome as Name, type Proposed } from '../api/planning';
import { useText } from '../i18n';
import { codesAtMost, readCodes } from './codes';
import { ConformityCard } from './ConformityCard';
import { Outcome } from './Outcome';

type Asked = { codes: string; use?: string; far?: number | null; path?: string };

/** Whether parcels conform, as they are or as somebody proposes. */
export function ConformityTab({ code }: { code: string | null }) {
  const { t, own } = useText();
  const terms = useTerms();
  const check = useMutation({
    mutationFn: ({ codes, use, far, path }: Asked) => {
      const proposed: Proposed = {
        ...(use ? { use } : {}),
        ...(typeof far === 'number' ? { far } : {}),
        ...(path ? { path } : {}),
      };
      return checkCodes(readCodes(codes), proposed);
    },
  });
  const some = (value: string) => {
    const count = readCodes(value ?? '').length;
    if (count === 0) return Promise.reject(new Error(t('planning.no_codes')));
    return count > codesAtMost
      ? Promise.reject(new Error(t('planning.too_many_codes', { most: codesAtMost })))
      : Promise.resolve();
  };
  return (
    <div className="planning-split">
      <Form<Asked>
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
        <Form.Item name="use" label={t('planning.use')}>
          <Select
            allowClear
            placeholder={t('planning.as_is')}
            options={terms.data?.uses.map((it) => ({ value: it.id, label: own(it.title) })) ?? []}
          />
        </Form.Item>
        <Form.Item name="far" label={t('planning.far')}>
          <InputNumber min={0} max={50} step={0.1} placeholder={t('planning.as_is')} />
        </Form.Item>
        <Form.Item name="path" label={t('planning.path')}>
          <Select
            allowClear
            placeholder={t('planning.no_path')}
            options={terms.data?.paths.map((it) => ({ value: it.id, label: own(it.title) })) ?? []}
          />
        </Form.Item>
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

const order: readonly Name[] = ['fail', 'needs_plan_change', 'unknown', 'pass'];

function Found({ of }: { of: Conformity }) {
  const { t } = useText();
  const counts = order.map((name) => [name, of.items.filter((it) => it.outcome === name).length] as const);
  return (
    <>
      <p className="outcome-counts">
        {counts
          .filter(([, count]) => count > 0)
          .map(([name, count]) => (
            <span key={name}>
              <Outcome of={name} /> {t('planning.count_parcels', { count })}
            </span>
          ))}
      </p>
      {of.not_found.length > 0 && (
        <Alert
          className="failure"
          type="warning"
          showIcon
          title={t('planning.not_found', { codes: of.not_found.join('、') })}
        />
      )}
      {of.items.map((it) => (
        <ConformityCard key={it.parcel_code} item={it} plans={of.plans} />
      ))}
    </>
  );
}
