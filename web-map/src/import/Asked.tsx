import { Button, Input, Radio } from 'antd';
import { useState } from 'react';
import type { ImportOptions, JobError } from '../api/schema';
import { useText } from '../i18n';
import { answered, crsText, isCrsText } from './options';
import { inLanguage } from './say';

type Props = {
  error: JobError;
  parameter: string;
  options: ImportOptions;
  busy: boolean;
  onAnswer: (options: ImportOptions) => void;
};

/** What only a person can say: one of the server's answers, or another where the list may lack it. */
export function Asked({ error, parameter, options, busy, onAnswer }: Props) {
  const { t, language } = useText();
  const choices = error.choices ?? [];
  const isCrs = parameter === 'source_crs';
  const [chosen, setChosen] = useState<string | null>(choices[0] ?? null);
  const [typed, setTyped] = useState('');
  const other = chosen === null;
  const answer = other ? (isCrs ? crsText(typed) : typed.trim()) : chosen;
  const fits = other ? (isCrs ? isCrsText(answer) : answer !== '') : true;
  return (
    <form
      className="card question"
      aria-label={t(`import.ask.${parameter}`, { defaultValue: error.title })}
      onSubmit={(event) => {
        event.preventDefault();
        if (fits) onAnswer(answered(options, parameter, answer));
      }}
    >
      <h3>{t(`import.ask.${parameter}`, { defaultValue: error.title })}</h3>
      <p className="lines">{inLanguage(error.detail, language)}</p>
      <Radio.Group
        className="choices"
        aria-label={t(`import.ask.${parameter}`, { defaultValue: error.title })}
        value={chosen ?? ''}
        onChange={(event) => {
          const value = String(event.target.value);
          setChosen(value === '' ? null : value);
        }}
      >
        {choices.map((it, at) => (
          <Radio key={it} value={it}>
            {answerKey(parameter, it) ? t(`import.answer.${it}`) : it}
            {at === 0 && choices.length > 1 && <span className="quiet"> {t('import.likeliest')}</span>}
          </Radio>
        ))}
        {parameter !== 'swap_axes' && <Radio value="">{t('import.other')}</Radio>}
      </Radio.Group>
      {other && (
        <Input
          aria-label={t(isCrs ? 'import.crs_typed' : 'import.other')}
          placeholder={isCrs ? t('import.crs_example') : ''}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          {...(typed !== '' && !fits ? { status: 'error' as const } : {})}
        />
      )}
      <div>
        <Button type="primary" htmlType="submit" disabled={!fits} loading={busy}>
          {t('import.go_on')}
        </Button>
      </div>
    </form>
  );
}

/** Answers that are words of the server's, not names out of the file. */
function answerKey(parameter: string, answer: string): boolean {
  return parameter === 'swap_axes' || (parameter === 'source_crs' && answer === 'file');
}
