import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Modal, Popconfirm, Skeleton } from 'antd';
import { useRef, useState } from 'react';
import { useAction } from '../api/action';
import { Problem } from '../api/client';
import { explain } from '../api/explain';
import {
  addTemplate,
  removeTemplate,
  usePlaceholders,
  useTemplates,
  type TemplateFault,
} from '../api/papers';
import { bytes, day } from '../format';
import { useText } from '../i18n';

/** The office's own workbooks: what is in use, another one, and what may be written into one. */
export function TemplatesDialog({ onClose }: { onClose: () => void }) {
  const { t } = useText();
  const queries = useQueryClient();
  const found = useTemplates();
  const placeholders = usePlaceholders().data;
  const field = useRef<HTMLInputElement>(null);
  const [faults, setFaults] = useState<readonly TemplateFault[]>([]);
  const again = () => queries.invalidateQueries({ queryKey: ['list_templates'] });
  const add = useAction(async (file: File) => {
    setFaults([]);
    try {
      await addTemplate(file).done;
    } catch (error) {
      setFaults(faultsOf(error));
      throw error;
    }
    await again();
  });
  const drop = useAction(async (id: number) => {
    await removeTemplate(id);
    await again();
  });
  const failure = add.failure ?? drop.failure;
  return (
    <Modal open width={680} title={t('lists.paper.own_workbooks')} footer={null} onCancel={onClose}>
      <div className="stacked">
        <p className="quiet">{t('lists.template_lead')}</p>
        <div>
          <input
            ref={field}
            type="file"
            className="unseen"
            tabIndex={-1}
            accept=".xlsx"
            aria-label={t('lists.choose_file')}
            onChange={(event) => {
              const [file] = event.target.files ?? [];
              if (file) add.run(file);
              event.target.value = '';
            }}
          />
          <Button type="primary" loading={add.busy} onClick={() => field.current?.click()}>
            {t('lists.add_template')}
          </Button>
        </div>
        {failure && <Alert type="error" showIcon title={failure} />}
        {faults.length > 0 && (
          <ul className="template-faults">
            {faults.map((it) => (
              <li key={`${it.sheet}!${it.cell}${it.why}`}>
                <code>
                  {it.sheet}!{it.cell}
                </code>{' '}
                {it.why}
              </li>
            ))}
          </ul>
        )}
        {found.isPending && <Skeleton active />}
        {found.isError && <Alert type="error" showIcon title={explain(found.error, t)} />}
        {found.data?.length === 0 && <p className="quiet">{t('lists.no_templates')}</p>}
        <ul className="comments">
          {found.data?.map((it) => (
            <li key={it.template_id} className="attachment-name">
              <span>{it.name}</span>
              <span className="quiet">
                {bytes(it.bytes)} · {day(it.recorded_at)} · {it.recorded_by}
              </span>
              <span className="spring" />
              <Popconfirm
                title={t('lists.remove_template_sure')}
                okText={t('lists.remove_template')}
                onConfirm={() => drop.run(it.template_id)}
              >
                <Button
                  type="link"
                  size="small"
                  danger
                  aria-label={`${t('lists.remove_template')} ${it.name}`}
                >
                  {t('lists.remove_template')}
                </Button>
              </Popconfirm>
            </li>
          ))}
        </ul>
        {placeholders && (
          <details>
            <summary>{t('lists.placeholders')}</summary>
            <dl className="shortcuts">
              {(['list', 'row', 'total'] as const)
                .flatMap((it) => placeholders[it])
                .map((it) => (
                  <div key={it.name}>
                    <dt>
                      <code>{`{{${it.name}}}`}</code>
                    </dt>
                    <dd>{it.title}</dd>
                  </div>
                ))}
            </dl>
          </details>
        )}
      </div>
    </Modal>
  );
}

/** All that is wrong with a workbook, cell by cell. */
function faultsOf(error: unknown): TemplateFault[] {
  const faults = error instanceof Problem ? error.members['faults'] : null;
  if (!Array.isArray(faults)) return [];
  return faults.filter(
    (it): it is TemplateFault =>
      typeof it === 'object' && it !== null && 'sheet' in it && 'cell' in it && 'why' in it,
  );
}
