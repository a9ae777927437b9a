import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Modal, Select, Skeleton } from 'antd';
import { useState } from 'react';
import { useAction } from '../api/action';
import { explain } from '../api/explain';
import { startRun, useRunOptions, type RunAsked, type RunOptions } from '../api/runs';
import { useText } from '../i18n';
import { Failure } from '../session/Failure';
import { isYear, periodText } from './period';

/** Asks for a new run: the year, quarter or month, and by which rules and scheme. */
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

type Filled = { period: string; ruleset?: string; scheme?: string };

function Asking({ options, onDone }: { options: RunOptions; onDone: () => void }) {
  const { t, own } = useText();
  const queries = useQueryClient();
  const [form] = Form.useForm<Filled>();
  const start = useAction(async ({ period, ruleset, scheme }: Filled) => {
    const asked: RunAsked = {
      period,
      ...(ruleset && isYear(period) ? { ruleset } : {}),
      ...(scheme ? { scheme } : {}),
    };
    await startRun(asked);
    await queries.invalidateQueries({ queryKey: ['runs'] });
    onDone();
  });
  const years = [...options.years].sort((a, b) => b - a).map(String);
  // Before anybody reported a figure any year may be asked for.
  const lately = Array.from({ length: 10 }, (_, ago) => String(new Date().getFullYear() - 1 - ago));
  const offered = years.length > 0 ? years : lately;
  const first = offered[0] ?? '';
  const period = Form.useWatch('period', form) ?? first;
  const part = !isYear(period);
  const length = options.periods.find((it) => it.period === period)?.length ?? 'year';
  const named = (periods: string[]) => periods.map((it) => ({ value: it, label: periodText(it, t) }));
  const parts = (of: string) =>
    named(options.periods.filter((it) => it.length === of).map((it) => it.period));
  const groups = [
    { label: t('runs.years'), options: named(offered) },
    { label: t('runs.quarters'), options: parts('quarter') },
    { label: t('runs.months'), options: parts('month') },
  ];
  // Of each id the run takes the version that is in force then; the newest names it here.
  const sets = options.rule_sets.filter(
    (it) => !options.rule_sets.some((own) => own.id === it.id && own.version > it.version),
  );
  const version = (it: { version: number }) => (it.version > 0 ? ` · v${it.version}` : '');
  const schemes = options.schemes.filter((it) => it.periods.includes(length));
  const configured = schemes.find((it) => it.id === options.configured_scheme);
  return (
    <Form<Filled>
      form={form}
      layout="vertical"
      initialValues={{ period: first }}
      onValuesChange={(changed) => {
        // A scheme is made for periods of a length.
        if (changed.period !== undefined) form.setFieldValue('scheme', undefined);
      }}
      onFinish={start.run}
    >
      <p className="quiet">{t('runs.start_means')}</p>
      <Form.Item
        name="period"
        label={t('runs.period')}
        extra={part ? t('runs.part_means') : undefined}
        rules={[{ required: true }]}
      >
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          options={groups.filter((it) => it.options.length > 0)}
        />
      </Form.Item>
      <Form.Item name="ruleset" label={t('runs.ruleset')}>
        <Select
          allowClear
          disabled={part}
          placeholder={part ? t('runs.part_no_rules') : t('runs.ruleset_by_date')}
          options={sets.map((it) => ({ value: it.id, label: own(it.title) }))}
        />
      </Form.Item>
      <Form.Item
        name="scheme"
        label={t('runs.scheme')}
        rules={[{ required: part && !configured, message: t('runs.part_needs_scheme') }]}
      >
        <Select
          allowClear
          placeholder={
            configured
              ? t('runs.scheme_configured', {
                  title: configured.title ? own(configured.title) : configured.id,
                })
              : t('runs.no_scheme')
          }
          options={schemes.map((it) => ({
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
