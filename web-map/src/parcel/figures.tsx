// How one fact of a dossier is shown: its text, 缺失 where it is missing, a lock where it is withheld.
import { LockOutlined } from '@ant-design/icons';
import { createContext, use, type ReactNode } from 'react';
import { useSession } from '../api/hooks';
import type { Text, Unit } from '../api/schema';
import { quantity, type Figure as Value } from '../format';
import { useText } from '../i18n';

/** Names of the fields that this session may not read. */
export const Withheld = createContext<readonly string[]>([]);

/** Who supplies a value that is missing, by the name of the field or measure. */
export const Suppliers = createContext<ReadonlyMap<string, Text>>(new Map());

type FactProps = {
  name: string;
  children: ReactNode;
  /** In a cell only a hint says who supplies it. */ brief?: boolean;
};

export function Fact({ name, children, brief = false }: FactProps) {
  const { t, own } = useText();
  const withheld = use(Withheld);
  const supplier = use(Suppliers).get(name);
  const missing = children === null || children === undefined || children === '';
  if (!missing) return children;
  if (withheld.includes(name)) return <WithheldMark />;
  const whom = supplier && t('dossier.supplied_by', { who: own(supplier) });
  return (
    <span className="missing" title={brief ? whom : undefined}>
      {t('dossier.missing')}
      {whom && !brief && <span className="whom">{whom}</span>}
    </span>
  );
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

/** Cells of a table whose heading already says the unit; `head` where the heading has no room. */
export function Cell({ name, text, head }: { name: string; text: string | null; head?: string }) {
  return (
    <td className="figure" data-head={head}>
      <Fact name={name} brief>
        {text}
      </Fact>
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
