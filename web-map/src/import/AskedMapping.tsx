import { Button, Select } from 'antd';
import { useState } from 'react';
import type { ImportOptions, ImportTarget, JobError } from '../api/schema';
import { useText } from '../i18n';
import { filling } from './columns';
import { corrected } from './options';
import { inLanguage } from './say';

type Props = {
  error: JobError;
  options: ImportOptions;
  target: ImportTarget | null;
  busy: boolean;
  onAnswer: (options: ImportOptions) => void;
};

/** Which columns fill the fields without which no row is taken. */
export function AskedMapping({ error, options, target, busy, onAnswer }: Props) {
  const { t, own, language } = useText();
  const [chosen, setChosen] = useState<Record<string, string>>({});
  const required = target?.fields.filter((it) => it.required) ?? [];
  return (
    <form
      className="card question"
      aria-label={t('import.ask.mapping')}
      onSubmit={(event) => {
        event.preventDefault();
        onAnswer(corrected(options, { mapping: filling(chosen, options.mapping ?? null) }));
      }}
    >
      <h3>{t('import.ask.mapping')}</h3>
      <p className="lines">{inLanguage(error.detail, language)}</p>
      {required.map((it) => (
        <div key={it.name} className="upload-row">
          <label className="field-label" htmlFor={`asked-${it.name}`}>
            {own(it.title)}
          </label>
          <Select<string>
            id={`asked-${it.name}`}
            className="target-select"
            showSearch
            disabled={busy}
            value={chosen[it.name] ?? ''}
            onChange={(header) => setChosen({ ...chosen, [it.name]: header })}
            options={[
              { value: '', label: t('import.by_itself') },
              ...(error.choices ?? []).map((header) => ({ value: header, label: header })),
            ]}
          />
        </div>
      ))}
      <div>
        <Button
          type="primary"
          htmlType="submit"
          disabled={!Object.values(chosen).some(Boolean)}
          loading={busy}
        >
          {t('import.go_on')}
        </Button>
      </div>
    </form>
  );
}
