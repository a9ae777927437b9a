import { DeleteOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Popconfirm } from 'antd';
import type { Import, ImportTarget } from '../api/schema';
import { explain } from '../api/explain';
import { discard } from '../api/imports';
import { bytes, minute } from '../format';
import { useText } from '../i18n';
import { State } from './PastImports';
import type { Phase } from './phase';

type Props = { it: Import; targets: readonly ImportTarget[]; phase: Phase; onGone: () => void };

export function ImportHead({ it, targets, phase, onGone }: Props) {
  const { t, own } = useText();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const target = targets.find((one) => one.id === it.into);
  const title = target ? own(target.title) : it.into;
  const files =
    it.undoes !== null
      ? t('import.undoing_of', { batch: it.undoes })
      : it.files.map((file) => `${file.name} (${bytes(file.bytes)})`).join('、') || it.file;
  const drop = async () => {
    try {
      await discard(it.batch_id);
      await queries.invalidateQueries({ queryKey: ['imports'] });
      onGone();
    } catch (error) {
      message.error(explain(error, t), 8);
    }
  };
  const open = !['applied', 'undone', 'discarded', 'working'].includes(phase.is);
  return (
    <div className="import-head">
      <h2>
        {t('import.batch', { batch: it.batch_id })}
        {title && ` · ${title}`}
      </h2>
      <State of={it} />
      <span className="quiet from">
        {[files, it.recorded_by, minute(it.recorded_at)].filter(Boolean).join(' · ')}
      </span>
      <span className="spring" />
      {open && (
        <Popconfirm
          title={t('import.discard_ask')}
          description={t('import.discard_means')}
          okText={t('import.discard')}
          onConfirm={drop}
        >
          <Button icon={<DeleteOutlined />}>{t('import.discard')}</Button>
        </Popconfirm>
      )}
    </div>
  );
}
