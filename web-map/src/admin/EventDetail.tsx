import { useLayerTree } from '../api/hooks';
import type { AuditEvent } from '../api/schema';
import { minute } from '../format';
import { useText } from '../i18n';
import { roles } from '../session/roles';
import { differences, facts, inWords } from './change';

/** `角色：查看者 → 经办人`, one line for each member; what else is known of the event below it. */
export function EventDetail({ event }: { event: AuditEvent }) {
  const text = useEventText();
  const changed = differences(event.before, event.after);
  const more = facts(event.detail);
  const both = event.before !== null && event.after !== null;
  return (
    <>
      <ul className="changes">
        {changed.map(({ key, before, after }) => (
          <li key={key}>
            {key && <span className="member">{text.title(key)}</span>}
            {(both || key === '') && <del>{text.value(key, before)}</del>}
            {(both || key === '') && <span aria-hidden="true"> → </span>}
            <ins>{text.value(key, event.after === null && key ? before : after)}</ins>
          </li>
        ))}
      </ul>
      <ul className="changes more">
        {more.map(({ key, value }) => (
          <li key={key}>
            <span className="member">{text.title(key)}</span>
            {text.value(key, value)}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Members and values of events in the reader's language, as far as they are known. */
function useEventText() {
  const { t, own } = useText();
  const layers = useLayerTree().data?.layers;
  const title = (key: string) => {
    const layer = layers?.find((it) => it.id === key);
    return layer ? own(layer.title) : t(`admin.member.${key}`, { defaultValue: key });
  };
  const words = {
    yes: t('dossier.yes'),
    no: t('dossier.no'),
    none: t('admin.none'),
    comma: t('panel.comma'),
    title,
  };
  const value = (key: string, it: unknown): string => {
    if (key === 'responsible_units' && it === null) return t('account.everywhere');
    if (key === '' && it === null) return t('admin.own_role');
    if (typeof it !== 'string') return inWords(it, words);
    if (/_(at|until)$/.test(key)) return minute(it) ?? it;
    const role = roles.find((known) => known === it);
    if (role && /^$|role|view_as/.test(key)) return t(`session.role.${role}`);
    return /^(means|why)$/.test(key) ? t(`admin.word.${it}`, { defaultValue: it }) : it;
  };
  return { title, value };
}
