import { Input } from 'antd';
import { useDeferredValue, useEffect, useState } from 'react';
import { useText } from '../i18n';
import { isText, longestText } from '../state/where';
import type { WayProps } from './Ways';

/** Asked of the server once the typing pauses. */
export function ByText({ subject, draft, onDraft }: WayProps) {
  const { t, own } = useText();
  const [text, setText] = useState(draft?.kind === 'cql' ? draft.text : '');
  const said = useDeferredValue(text);
  const isWrong = text.trim() !== '' && !isText(text.trim());
  useEffect(() => {
    const timer = setTimeout(() => {
      const plain = said.trim();
      onDraft(isText(plain) ? { kind: 'cql', layer: subject.id, text: plain } : null);
    }, 350);
    return () => clearTimeout(timer);
    // `onDraft` is another function each time the dialog is drawn.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [said, subject.id]);
  const readable = subject.fields.filter((it) => it.readable);
  return (
    <div className="choose">
      <Input.TextArea
        rows={3}
        value={text}
        maxLength={longestText}
        aria-label={t('filter.text')}
        placeholder={t('filter.text_example')}
        status={isWrong ? 'error' : ''}
        onChange={(event) => setText(event.target.value.replace(/\s/g, ' '))}
      />
      {isWrong && (
        <p role="alert" className="low">
          {t('filter.open')}
        </p>
      )}
      <p className="quiet">{t('filter.fields')}</p>
      <ul className="filter-fields">
        {readable.map((it) => (
          <li key={it.name}>
            <button
              type="button"
              onClick={() => setText((now) => (now === '' || now.endsWith(' ') ? now : `${now} `) + it.name)}
            >
              <code>{it.name}</code> {own(it.title)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
