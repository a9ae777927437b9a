import type { AuditEvent } from '../api/schema';
import { minute } from '../format';
import { useText } from '../i18n';
import { roles } from '../session/roles';
import { differences, facts, inWords } from './change';

/** `角色：查看者 → 经办人`, one line for each member; what else is known of the event below it. */
export function EventDetail({ event }: { event: AuditEvent }) {
  const { t } = useText();
  const changed = differences(event.before, event.after);
  const more = facts(event.detail);
  if (changed.length === 0 && more.length === 0) return null;
  const title = (key: string) => t(`admin.member.${key}`, { defaultValue: key });
  const text = (key: string, value: unknown) => {
    if (key === 'responsible_units' && value === null) return t('account.everywhere');
    if (key === '' && value === null) return t('admin.own_role');
    if (/_(at|until)$/.test(key) && typeof value === 'string') return minute(value) ?? value;
    const role = roles.find((it) => it === value);
    if (role && /^$|role|view_as/.test(key)) return t(`session.role.${role}`);
    return inWords(value, { yes: t('dossier.yes'), no: t('dossier.no'), none: t('admin.none') });
  };
  return (
    <ul className="changes">
      {changed.map(({ key, before, after }) => (
        <li key={key}>
          {key && <span className="member">{title(key)}</span>}
          {(event.before !== null || key === '') && (
            <>
              <del>{text(key, before)}</del>
              <span aria-hidden="true"> → </span>
            </>
          )}
          {(event.after !== null || key === '') && <ins>{text(key, after)}</ins>}
        </li>
      ))}
      {more.map(({ key, value }) => (
        <li key={`~${key}`} className="quiet">
          <span className="member">{title(key)}</span>
          {text(key, value)}
        </li>
      ))}
    </ul>
  );
}
