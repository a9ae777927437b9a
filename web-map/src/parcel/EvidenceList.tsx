import { CheckCircleFilled, MinusCircleOutlined, QuestionCircleFilled } from '@ant-design/icons';
import type { Dossier, Evidence, Field, LayerTree } from '../api/schema';
import { useText } from '../i18n';
import { Fact, Figure } from './figures';

const icons = { true: CheckCircleFilled, false: MinusCircleOutlined, unknown: QuestionCircleFilled };

/** Why the verdict is what it is, rule by rule, in the words and figures of the run. */
export function EvidenceList({ dossier, tree }: { dossier: Dossier; tree: LayerTree | null }) {
  const { t } = useText();
  if (!dossier.verdict) return <p className="quiet">{t('dossier.verdict_help.none')}</p>;
  if (!dossier.verdict.evidence?.length) return <Fact name="evidence">{null}</Fact>;
  return (
    <ol className="evidence">
      {dossier.verdict.evidence.map((it) => (
        <Rule key={it.rule} rule={it} tree={tree} />
      ))}
    </ol>
  );
}

function Rule({ rule, tree }: { rule: Evidence; tree: LayerTree | null }) {
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
        <dt>{t('dossier.condition')}</dt>
        <dd>
          <code>{rule.when}</code>
        </dd>
        <dt>{t('dossier.inputs')}</dt>
        <dd>
          {Object.entries(rule.inputs ?? {}).map(([name, value]) => (
            <Input key={name} name={name} value={value} tree={tree} />
          ))}
        </dd>
        <dt>{t('dossier.legal_basis')}</dt>
        <dd>
          <Fact name="basis">{rule.basis}</Fact>
        </dd>
      </dl>
    </li>
  );
}

/** Titled and measured as the layers declare the field; a measure no layer shows keeps its own name. */
function Input({
  name,
  value,
  tree,
}: {
  name: string;
  value: NonNullable<Evidence['inputs']>[string];
  tree: LayerTree | null;
}) {
  const { t, own } = useText();
  const field = findField(tree, name);
  const text = String(value);
  const flag = text === 'true' ? t('dossier.yes') : text === 'false' ? t('dossier.no') : null;
  const isNumber = value !== null && /^-?\d+(\.\d+)?$/.test(text) && field?.type !== 'text';
  return (
    <div className="input">
      <span title={name}>{field ? own(field.title) : <code>{name}</code>}</span>
      <b>
        {isNumber ? (
          <Figure name={name} value={text} unit={field?.unit ?? null} />
        ) : (
          <Fact name={name}>{value === null ? null : (flag ?? text)}</Fact>
        )}
      </b>
    </div>
  );
}

function findField(tree: LayerTree | null, name: string): Field | undefined {
  return tree?.layers.flatMap((it) => it.fields).find((it) => it.name === name);
}
