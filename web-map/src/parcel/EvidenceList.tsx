import { CheckCircleFilled, MinusCircleOutlined, QuestionCircleFilled } from '@ant-design/icons';
import { use } from 'react';
import type { Dossier, Evidence, LayerTree, Text, Unit } from '../api/schema';
import { useSession } from '../api/hooks';
import { exact } from '../format';
import { useText } from '../i18n';
import { reaches } from '../session/roles';
import { toPath } from '../state/base';
import { scenariosOf } from '../scenarios/address';
import { Fact, Withheld } from './figures';
import { MeasureTable } from './MeasureTable';
import { RunLine } from './RunLine';
import { SourceLine } from './SourceLine';

const icons = { true: CheckCircleFilled, false: MinusCircleOutlined, unknown: QuestionCircleFilled };

/** Why the verdict is what it is, rule by rule, in the words and figures of the run. */
export function EvidenceList({ dossier, tree }: { dossier: Dossier; tree: LayerTree | null }) {
  const { t, own } = useText();
  const verdict = dossier.verdict;
  const officer = reaches(useSession().data?.role ?? 'public', 'officer');
  if (use(Withheld).includes('verdict')) return <Fact name="verdict">{null}</Fact>;
  if (!verdict) return <p className="quiet">{t('dossier.verdict_help.none')}</p>;
  return (
    <>
      <RunLine verdict={verdict} />
      {officer && (
        <p className="what-if">
          <a
            href={toPath(
              scenariosOf({ layer: verdict.layer, ruleset: verdict.ruleset, code: dossier.parcel_code }),
            )}
          >
            {t('dossier.what_if')}
          </a>
        </p>
      )}
      <ol className="evidence">
        {byWeight(verdict.evidence.filter((it) => it.effect !== 'part')).map((it) => (
          <Rule key={it.rule} rule={it} dossier={dossier} all={verdict.evidence} tree={tree} />
        ))}
      </ol>
      <h4 className="part">{t('dossier.sentence')}</h4>
      <p className="verdict-sentence">{own(verdict.sentence)}</p>
      {verdict.legal_basis && <p className="quiet legal-basis">{own(verdict.legal_basis)}</p>}
      {dossier.measures.length > 0 && (
        <details className="all-measures">
          <summary>{t('dossier.all_measures', { count: dossier.measures.length })}</summary>
          <MeasureTable dossier={dossier} tree={tree} names={() => true} />
        </details>
      )}
    </>
  );
}

/** What decided the verdict first, then what is in doubt; the rule set's order otherwise. */
function byWeight(evidence: Evidence[]): Evidence[] {
  const weight = { true: 0, unknown: 1, false: 2 };
  return [...evidence].sort((a, b) => weight[a.result] - weight[b.result]);
}

type RuleProps = { rule: Evidence; dossier: Dossier; all: Evidence[]; tree: LayerTree | null };

/** A rule with the parts that it is made of. */
function Rule({ rule, dossier, all, tree }: RuleProps) {
  const { t, own } = useText();
  const Icon = icons[rule.result];
  return (
    <li className={`rule ${rule.result} ${rule.effect}`}>
      <h4>
        <span>{own(rule.title)}</span>
        <span className="effect">{t(`dossier.effect.${rule.effect}`)}</span>
        <span className="result">
          <Icon /> {t(`dossier.result.${rule.result}`)}
        </span>
      </h4>
      <p>{own(rule.sentence)}</p>
      <dl>
        <dt className="wide">{t('dossier.condition')}</dt>
        <dd className="wide">
          <code>{rule.when}</code>
        </dd>
        <dt>{t('dossier.inputs')}</dt>
        <dd>
          {Object.entries(rule.inputs).map(([name, value]) => (
            <Input key={name} name={name} value={value} dossier={dossier} tree={tree} />
          ))}
        </dd>
        {rule.thresholds && Object.keys(rule.thresholds).length > 0 && (
          <>
            <dt>{t('dossier.thresholds')}</dt>
            <dd>
              {Object.entries(rule.thresholds).map(([name, value]) => (
                <div className="input threshold" key={name}>
                  <code>:{name}</code>
                  <b>{value}</b>
                </div>
              ))}
            </dd>
          </>
        )}
        {rule.basis && (
          <>
            <dt>{t('dossier.legal_basis')}</dt>
            <dd>
              <Fact name="basis">{rule.basis}</Fact>
            </dd>
          </>
        )}
      </dl>
      {rule.parts && rule.parts.length > 0 && (
        <>
          <p className="quiet">{t(rule.needs_all ? 'dossier.all_of' : 'dossier.any_of')}</p>
          <ol className="evidence">
            {rule.parts.map((id) => {
              const part = all.find((it) => it.rule === id);
              return part && <Rule key={id} rule={part} dossier={dossier} all={all} tree={tree} />;
            })}
          </ol>
        </>
      )}
    </li>
  );
}

type InputProps = { name: string; value: string | null; dossier: Dossier; tree: LayerTree | null };

/** Titled and measured as the server declares it; what it declares nowhere keeps its own name. */
function Input({ name, value, dossier, tree }: InputProps) {
  const { t, own, language } = useText();
  const field = declared(tree, name);
  const text = String(value);
  const flag = text === 'true' ? t('dossier.yes') : text === 'false' ? t('dossier.no') : null;
  const isNumber = value !== null && /^-?\d+(\.\d+)?$/.test(text) && field?.type !== 'text';
  return (
    <div className="input">
      <span title={name}>{field ? own(field.title) : <code>{name}</code>}</span>
      <b>
        {isNumber ? (
          <Fact name={name}>{exact(text, field?.unit ?? null, language)}</Fact>
        ) : (
          <Fact name={name}>{value === null ? null : (flag ?? text)}</Fact>
        )}
      </b>
      <SourceLine dossier={dossier} name={name} />
    </div>
  );
}

type Declared = { title: Text; unit: Unit | null; type?: string };

/** A measure, else a field; first of the layers that parcels are known by. */
function declared(tree: LayerTree | null, name: string): Declared | undefined {
  const layers = tree?.layers ?? [];
  return (
    tree?.measures.find((it) => it.name === name) ??
    [...layers.filter((it) => it.identify), ...layers]
      .flatMap((it) => it.fields)
      .find((it) => it.name === name)
  );
}
