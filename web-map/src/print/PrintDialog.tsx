import { App, Form, Input, Modal, Radio, Select } from 'antd';
import { useState } from 'react';
import { download, Problem } from '../api/client';
import { explain } from '../api/explain';
import type { LayerTree } from '../api/schema';
import { viewOf } from '../compare/sides';
import { useText } from '../i18n';
import { useMapStore, viewBbox } from '../map/store';
import { useView } from '../state/view';
import { papers, printPath, scales, shownLayers, type PrintForm } from './question';

/** What the map shows, as a PDF of a true scale. */
export function PrintDialog({ tree, onClose }: { tree: LayerTree; onClose: () => void }) {
  const { t, language, own } = useText();
  const { message } = App.useApp();
  const view = useView();
  const map = useMapStore((it) => it.map);
  const [busy, setBusy] = useState(false);
  const [form, setForm] = useState<PrintForm>({
    paper: 'A4',
    orientation: 'landscape',
    scale: null,
    title: own(tree.title),
  });
  const change = (it: Partial<PrintForm>) => setForm({ ...form, ...it });
  const sides = view.compare ? [view.compare.left, view.compare.right] : [];
  const [side, setSide] = useState(sides[0]?.of.kind === 'now' ? 0 : 1);
  const chosen = sides[side];
  // The server prints what is now; another day, run or scenario is in the browser only.
  const isPrinted = chosen === undefined || chosen.of.kind === 'now';
  const printed = chosen ? viewOf(tree.layers, view, chosen) : view;
  const nothing = shownLayers(tree.layers, printed).length === 0;

  const start = async () => {
    const bbox = viewBbox();
    const center = map?.getCenter();
    if (!bbox || !center) return;
    setBusy(true);
    try {
      const camera = { bbox, center: [center.lng, center.lat] as [number, number] };
      const path = printPath(tree.layers, printed, camera, form, language);
      await download(path, `${form.title.trim() || 'map'}.pdf`);
      message.success(t('print.done'));
      onClose();
    } catch (error) {
      // Whoever runs the server can mend a missing font, and is told how.
      const told = error instanceof Problem && error.kind === 'no-font' ? error.message : explain(error, t);
      message.error(t('print.failed', { why: told }), 8);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      width={460}
      title={t('print.title')}
      okText={t('print.download')}
      cancelText={t('print.cancel')}
      okButtonProps={{ loading: busy, disabled: !map || nothing || !isPrinted }}
      onOk={() => void start()}
      onCancel={onClose}
    >
      <p className="quiet">{nothing ? t('print.nothing') : t('print.lead')}</p>
      <Form layout="vertical">
        {sides.length > 0 && (
          <Form.Item label={t('compare.print_side')} help={isPrinted ? undefined : t('compare.not_printed')}>
            <Radio.Group
              aria-label={t('compare.print_side')}
              optionType="button"
              value={side}
              options={[
                { value: 0, label: t('compare.left'), disabled: sides[0]?.of.kind !== 'now' },
                { value: 1, label: t('compare.right'), disabled: sides[1]?.of.kind !== 'now' },
              ]}
              onChange={(event) => setSide(Number(event.target.value))}
            />
          </Form.Item>
        )}
        <Form.Item label={t('print.heading')} htmlFor="print-title">
          <Input
            id="print-title"
            value={form.title}
            maxLength={60}
            onChange={(event) => change({ title: event.target.value })}
          />
        </Form.Item>
        <Form.Item label={t('print.paper')}>
          <Radio.Group
            aria-label={t('print.paper')}
            optionType="button"
            value={form.paper}
            options={papers.map((it) => ({ value: it, label: it }))}
            onChange={(event) => change({ paper: event.target.value as PrintForm['paper'] })}
          />
        </Form.Item>
        <Form.Item label={t('print.orientation')}>
          <Radio.Group
            aria-label={t('print.orientation')}
            optionType="button"
            value={form.orientation}
            options={[
              { value: 'landscape', label: t('print.landscape') },
              { value: 'portrait', label: t('print.portrait') },
            ]}
            onChange={(event) => change({ orientation: event.target.value as PrintForm['orientation'] })}
          />
        </Form.Item>
        <Form.Item label={t('print.scale')} htmlFor="print-scale">
          <Select
            id="print-scale"
            value={form.scale ?? 0}
            options={[
              { value: 0, label: t('print.fit') },
              ...scales.map((it) => ({
                value: it,
                label: `1:${it.toLocaleString('en').replaceAll(',', ' ')}`,
              })),
            ]}
            onChange={(it: number) => change({ scale: it === 0 ? null : it })}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
