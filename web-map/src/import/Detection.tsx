import { Select, Switch } from 'antd';
import type { ReactNode } from 'react';
import type { Import, ImportOptions, ImportTarget, Report } from '../api/schema';
import { useText } from '../i18n';
import { CrsRow } from './CrsRow';
import { corrected, encodings, firstOptions, optionsOf, type Correction } from './options';
import { inLanguage } from './say';
import { TargetSelect } from './TargetSelect';
import { TypedText } from './TypedText';

type Props = {
  it: Import;
  /** Null: there is no preview yet. */
  report: Report | null;
  targets: readonly ImportTarget[];
  busy: boolean;
  editable: boolean;
  onCorrect: (options: ImportOptions) => void;
};

/** What was understood of the file, each beside the way to correct it. */
export function Detection({ it, report, targets, busy, editable, onCorrect }: Props) {
  const { t, own, language } = useText();
  const options = optionsOf(it);
  const correct = (correction: Correction) => {
    if (options) onCorrect(corrected(options, correction));
  };
  const target = targets.find((one) => one.id === it.into);
  const can = editable && options !== null;
  return (
    <>
      <dl className="understood">
        <Row
          title={t('import.into')}
          found={target ? `${own(target.title)} (${target.id})` : (it.into ?? t('import.into_choose'))}
        >
          {editable && (
            <TargetSelect
              targets={targets}
              value={it.into}
              onChange={(into) => (options ? correct({ into }) : onCorrect(firstOptions(into)))}
            />
          )}
        </Row>
        {report && <Row title={t('import.format')} found={report.format} />}
        {(report?.layer_name != null || !report) && (
          <Row
            title={t('import.layer_name')}
            found={report?.layer_name ?? options?.layer_name ?? t('import.not_known_yet')}
          >
            {can && (
              <TypedText
                label={t('import.layer_name_other')}
                busy={busy}
                onDone={(layer_name) => correct({ layer_name })}
              />
            )}
          </Row>
        )}
        {(report?.encoding != null || !report) && (
          <Row
            title={t('import.encoding')}
            found={
              report?.encoding ? (
                <>
                  {report.encoding.name}{' '}
                  <span className="quiet">{inLanguage(how(report.encoding.how, t), language)}</span>
                  {report.encoding.sample && <code className="sample">{report.encoding.sample}</code>}
                </>
              ) : (
                (options?.encoding ?? t('import.not_known_yet'))
              )
            }
          >
            {can && (
              <Select<string>
                aria-label={t('import.encoding')}
                disabled={busy}
                value={options.encoding ?? ''}
                onChange={(encoding) => correct({ encoding: encoding || null })}
                options={[
                  { value: '', label: t('import.by_itself') },
                  ...encodings.map((it) => ({ value: it, label: it })),
                ]}
              />
            )}
          </Row>
        )}
        {(target?.geometry ?? report?.crs) != null && (
          <CrsRow
            crs={report?.crs ?? null}
            options={options}
            editable={can}
            busy={busy}
            onCorrect={correct}
          />
        )}
        {can && (
          <Row
            title={t('import.replace')}
            found={t(options.replace ? 'import.replace_on' : 'import.replace_off')}
          >
            <Switch
              aria-label={t('import.replace')}
              disabled={busy}
              checked={options.replace}
              onChange={(replace) => correct({ replace })}
            />
          </Row>
        )}
      </dl>
      {report && report.notes.length > 0 && (
        <section className="notes">
          <h4>{t('import.notes')}</h4>
          <ul>
            {report.notes.map((it) => (
              <li key={it}>{inLanguage(it, language)}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** How the server came to it, where it says so in a word that is known. */
export function how(word: string, t: (key: string, more: { defaultValue: string }) => string): string {
  return t(`import.how.${word.replace(/[^a-z_]/gi, '_')}`, { defaultValue: word });
}

export function Row({ title, found, children }: { title: string; found: ReactNode; children?: ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd className="found">{found}</dd>
      <dd className="mend">{children}</dd>
    </div>
  );
}
