import { Form, InputNumber, Select } from 'antd';
import { useTerms, type Proposed } from '../api/planning';
import { useText } from '../i18n';

export type Asked = { use?: string; far?: number | null; path?: string };

/** What is sent of it: only what somebody filled in. */
export function proposedOf({ use, far, path }: Asked): Proposed {
  return {
    ...(use ? { use } : {}),
    ...(typeof far === 'number' ? { far } : {}),
    ...(path ? { path } : {}),
  };
}

/** Use, ratio and path that are proposed; `empty` is what stands where nothing is. */
export function ProposedFields({ empty }: { empty: string }) {
  const { t, own } = useText();
  const terms = useTerms();
  return (
    <>
      <Form.Item name="use" label={t('planning.use')}>
        <Select
          allowClear
          placeholder={empty}
          options={terms.data?.uses.map((it) => ({ value: it.id, label: own(it.title) })) ?? []}
        />
      </Form.Item>
      <Form.Item name="far" label={t('planning.far')}>
        <InputNumber min={0} max={50} step={0.1} placeholder={empty} />
      </Form.Item>
      <Form.Item name="path" label={t('planning.path')}>
        <Select
          allowClear
          placeholder={t('planning.no_path')}
          options={terms.data?.paths.map((it) => ({ value: it.id, label: own(it.title) })) ?? []}
        />
      </Form.Item>
    </>
  );
}
