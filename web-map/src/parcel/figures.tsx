// How one fact of a dossier is shown: its text, 缺失 where it is missing, a lock where it is withheld.
import { LockOutlined } from '@ant-design/icons';
import { createContext, use, type ReactNode } from 'react';
import { useSession } from '../api/hooks';
import type { Unit } from '../api/schema';
import { quantity, type Figure as Value } from '../format';
import { useText } from '../i18n';

/** Names of the fields that this session may not read. */
export const Withheld = createContext<readonly string[]>([]);

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  const { t } = useText();
  const withheld = use(Withheld);
  const missing = children === null || children === undefined || children === '';
  if (missing && withheld.includes(name)) {
    return <WithheldMark />;
  }
  return missing ? <span className="missing">{t('dossier.missing')}</span> : children;
}

/** Says to sign in where that may help. */
function WithheldMark() {
  const { t } = useText();
  const role = useSession().data?.role ?? 'public';
  return (
    <span className="withheld">
      <LockOutlined /> {t(role === 'public' ? 'dossier.withheld_public' : 'dossier.withheld')}
    </span>
  );
}

/** `name` is the server's field, by which it is withheld. */
export function Figure({ name, value, unit }: { name: string; value: Value; unit: Unit | null }) {
  const { language } = useText();
  return <Fact name={name}>{quantity(value, unit, language)}</Fact>;
}

/** Cells of a table whose heading already says the unit. */
export function Cell({ name, text }: { name: string; text: string | null }) {
  return (
    <td className="figure">
      <Fact name={name}>{text}</Fact>
    </td>
  );
}

export function Facts({ rows }: { rows: [title: string, value: ReactNode][] }) {
  return (
    <dl className="facts">
      {rows.map(([title, value]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
