import { Button, Input, Space } from 'antd';
import { useState } from 'react';
import { useText } from '../i18n';

type Props = { label: string; placeholder?: string; busy: boolean; onDone: (text: string) => void };

/** A correction that is typed: it counts when it is sent. */
export function TypedText({ label, placeholder = '', busy, onDone }: Props) {
  const { t } = useText();
  const [text, setText] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) onDone(text.trim());
      }}
    >
      <Space.Compact block>
        <Input
          aria-label={label}
          placeholder={placeholder || label}
          value={text}
          disabled={busy}
          onChange={(event) => setText(event.target.value)}
        />
        <Button htmlType="submit" disabled={!text.trim()} loading={busy}>
          {t('import.correct')}
        </Button>
      </Space.Compact>
    </form>
  );
}
