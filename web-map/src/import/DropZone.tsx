import { CloseOutlined, FileOutlined, InboxOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState, type DragEvent } from 'react';
import { bytes } from '../format';
import { useText } from '../i18n';
import { accepted } from './files';

type Props = {
  files: readonly File[];
  disabled: boolean;
  onAdd: (files: File[]) => void;
  onRemove: (name: string) => void;
};

/** Files dropped, or chosen with the browser's own dialog, which the keyboard reaches through the field itself. */
export function DropZone({ files, disabled, onAdd, onRemove }: Props) {
  const { t } = useText();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!disabled) onAdd([...event.dataTransfer.files]);
  };
  return (
    <>
      <label
        className={['drop-zone', over && 'over', disabled && 'disabled'].filter(Boolean).join(' ')}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <input
          type="file"
          multiple
          accept={accepted}
          disabled={disabled}
          aria-label={t('import.choose')}
          onChange={(event) => {
            onAdd([...(event.target.files ?? [])]);
            // Chosen again after it was mended, the same file is a change.
            event.target.value = '';
          }}
        />
        <InboxOutlined aria-hidden />
        <span className="drop-lead">{t('import.drop')}</span>
        <span className="quiet">{t('import.formats')}</span>
        <span className="quiet">{t('import.formats_pieces')}</span>
      </label>
      {files.length > 0 && (
        <ul className="dropped" aria-label={t('import.chosen')}>
          {files.map((it) => (
            <li key={it.name}>
              <FileOutlined aria-hidden />
              <span className="name">{it.name}</span>
              <span className="quiet">{bytes(it.size)}</span>
              {!disabled && (
                <Button
                  type="text"
                  size="small"
                  icon={<CloseOutlined />}
                  aria-label={t('import.remove', { name: it.name })}
                  onClick={() => onRemove(it.name)}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
