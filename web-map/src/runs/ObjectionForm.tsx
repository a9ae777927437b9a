import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input } from 'antd';
import { useAction } from '../api/action';
import { makeObjection } from '../api/runs';
import { useText } from '../i18n';
import { Failure } from '../session/Failure';

type Given = { reason: string; evidence: string };

/** Notes what an enterprise says against its result, with its document. */
export function ObjectionForm({ runId, uscc }: { runId: number; uscc: string }) {
  const { t } = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<Given>();
  const make = useAction(async (given: Given) => {
    await makeObjection(runId, { uscc, ...given });
    message.success(t('runs.objection_made'));
    form.resetFields();
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['objections', runId] }),
      queries.invalidateQueries({ queryKey: ['run', runId] }),
    ]);
  });
  return (
    <section>
      <h3>{t('runs.object')}</h3>
      <Form<Given> form={form} layout="vertical" name="objection" onFinish={make.run}>
        <Form.Item label={t('runs.reason')} name="reason" rules={[{ required: true, whitespace: true }]}>
          <Input.TextArea rows={3} maxLength={4000} />
        </Form.Item>
        <Form.Item label={t('runs.evidence')} name="evidence" rules={[{ required: true, whitespace: true }]}>
          <Input maxLength={4000} placeholder={t('runs.evidence_example')} />
        </Form.Item>
        <Failure title={t('runs.not_done')} why={make.failure} />
        <Button htmlType="submit" loading={make.busy}>
          {t('runs.object_save')}
        </Button>
      </Form>
    </section>
  );
}
