import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, InputNumber, Modal, Select, Skeleton } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { explain } from '../api/explain';
import { startRun, useRunOptions, type RunAsked, type RunOptions } from '../api/runs';
import { useText } from '../i18n';
import { Failure } from '../session/Failure';

/** Asks for a new run: the year, and by which rules and scheme. */
export function StartRun({ disabled }: { disabled: boolean }) {
  const { t } = useText();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button type="primary" disabled={disabled} onClick={() => setOpen(true)}>
        {t('runs.start')}
      </Button>
      {open && <StartDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function StartDialog({ onClose }: { onClose: () => void }) {
  const { t } = useText();
  const options = useRunOptions();
  return (
    <Modal open title={t('runs.start')} footer={null} onCancel={onClose}>
      {options.isPending && <Skeleton active />}
      {options.isError && <Alert type="error" showIcon title={explain(options.error, t)} />}
      {options.data && <Asking options={options.data} onDone={onClose} />}
    </Modal>
  );
}

type Filled = { year: number; ruleset?: string; scheme?: string };

function Asking({ options, onDone }: { options: RunOptions; onDone: () => void }) {
  const { t, own } = useText();
  const queries = useQueryClient();
  const start = useAction(async ({ year, ruleset, scheme }: Filled) => {
    const asked: RunAsked = { year, ...(ruleset ? { ruleset } : {}), ...(scheme ? { scheme } : {}) };
    await startRun(asked);
    await queries.invalidateQueries({ queryKey: ['runs'] });
    onDone();
  });
  const last = [...options.years].sort((a, b) => b - a);
  // Of each id the run takes the version that is in force then; the newest names it here.
  const sets = options.rule_sets.filter(
    (it) => !options.rule_sets.some((own) => own.id === it.id && own.version > it.version),
  );
  const version = (it: { version: number }) => (it.version > 0 ? ` · v${it.version}` : '');
  const configured = options.schemes.find((it) => it.id === options.configured_scheme);
  return (
    <Form<Filled>
      layout="vertical"
      initialValues={{ year: last[0] ?? new Date().getFullYear() - 1 }}
      onFinish={start.run}
    >
      <p className="quiet">{t('runs.start_means')}</p>
      <Form.Item name="year" label={t('runs.year')} rules={[{ required: true }]}>
        {last.length > 0 ? (
          <Select options={last.map((year) => ({ value: year, label: String(year) }))} />
        ) : (
          <InputNumber min={1949} max={2100} precision={0} />
        )}
      </Form.Item>
      <Form.Item name="ruleset" label={t('runs.ruleset')}>
        <Select
          allowClear
          placeholder={t('runs.ruleset_by_date')}
          options={sets.map((it) => ({ value: it.id, label: own(it.title) }))}
        />
      </Form.Item>
      <Form.Item name="scheme" label={t('runs.scheme')}>
        <Select
          allowClear
          placeholder={
            configured
              ? t('runs.scheme_configured', {
                  title: configured.title ? own(configured.title) : configured.id,
                })
              : t('runs.no_scheme')
          }
          options={options.schemes.map((it) => ({
            value: it.id,
            label: `${it.title ? own(it.title) : it.id}${version(it)}`,
          }))}
        />
      </Form.Item>
      <Failure title={t('runs.not_started')} why={start.failure} />
      <Button type="primary" htmlType="submit" loading={start.busy}>
        {t('runs.start')}
      </Button>
    </Form>
  );
}
