import { DownOutlined } from '@ant-design/icons';
import { App, Button, Dropdown, type MenuProps } from 'antd';
import { useState } from 'react';
import { download } from '../api/client';
import { explain } from '../api/explain';
import type { List } from '../api/lists';
import { listFilePath, planPath, sheetsPath, useTemplates, wallPath } from '../api/papers';
import { useText } from '../i18n';
import { TemplatesDialog } from './TemplatesDialog';

const formats = ['xlsx', 'csv', 'geojson', 'gpkg', 'shp'] as const;

/** A list as files: tables for offices and GIS, the office's own workbooks, and paper up to the wall map. */
export function Papers({ list, isUnsaved }: { list: List; isUnsaved: boolean }) {
  const { t, language } = useText();
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [isEditing, setEditing] = useState(false);
  const templates = useTemplates(open).data ?? [];
  const id = list.list_id;
  const ending = (format: string) => (format === 'shp' ? 'zip' : format);
  const files: Record<string, [path: string, name: string]> = {
    ...Object.fromEntries(formats.map((it) => [it, [listFilePath(id, it), `${list.name}.${ending(it)}`]])),
    ...Object.fromEntries(
      templates.map((it) => [`t${it.template_id}`, [listFilePath(id, 'xlsx', it.template_id), it.name]]),
    ),
    plan_a3: [planPath(id, 'A3', language), `${list.name}.pdf`],
    plan_a4: [planPath(id, 'A4', language), `${list.name}.pdf`],
    wall_a0: [wallPath(id, 'A0', language), `${list.name}-A0.pdf`],
    wall_a1: [wallPath(id, 'A1', language), `${list.name}-A1.pdf`],
    sheets_parcel: [sheetsPath(id, 'parcel', language), `${list.name}-1.pdf`],
    sheets_enterprise: [sheetsPath(id, 'enterprise', language), `${list.name}-2.pdf`],
  };
  const start = async (key: string) => {
    if (key === 'templates') return setEditing(true);
    const [path, name] = files[key] ?? [];
    if (path === undefined || name === undefined) return;
    setBusy(true);
    const done = message.loading(t('lists.making_file'), 0);
    try {
      await download(path, name);
    } catch (error) {
      message.error(explain(error, t), 8);
    } finally {
      done();
      setBusy(false);
    }
  };
  const item = (key: string, label = t(`lists.paper.${key}`)) => ({ key, label });
  const items: MenuProps['items'] = [
    { type: 'group', label: t('lists.paper.tables'), children: formats.map((it) => item(it)) },
    {
      type: 'group',
      label: t('lists.paper.own_workbooks'),
      children: [...templates.map((it) => item(`t${it.template_id}`, it.name)), item('templates')],
    },
    {
      type: 'group',
      label: t('lists.paper.paper'),
      children: ['plan_a3', 'plan_a4', 'wall_a0', 'wall_a1', 'sheets_parcel', 'sheets_enterprise'].map((it) =>
        item(it),
      ),
    },
  ];
  return (
    <>
      <Dropdown
        trigger={['click']}
        open={open}
        onOpenChange={setOpen}
        disabled={isUnsaved || busy}
        menu={{ items, onClick: ({ key }) => void start(key) }}
      >
        <Button size="small" loading={busy} title={isUnsaved ? t('lists.save_first') : t('lists.xlsx_says')}>
          {t('lists.papers')} <DownOutlined />
        </Button>
      </Dropdown>
      {isEditing && <TemplatesDialog onClose={() => setEditing(false)} />}
    </>
  );
}
