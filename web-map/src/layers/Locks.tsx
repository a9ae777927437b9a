import { LockOutlined, UnlockOutlined } from '@ant-design/icons';
import { Tooltip } from 'antd';
import { useSession } from '../api/hooks';
import type { Field, Layer } from '../api/schema';
import { useText } from '../i18n';
import { heldBack } from './access';

/** Says which role a layer, or some of its fields, need; and where one's own role holds in its units only. */
export function Locks({ layer }: { layer: Layer }) {
  const { t, own } = useText();
  const session = useSession().data;
  if (!layer.readable) {
    // Signing in helps nobody who has; a higher role does.
    const key = session?.account ? 'panel.locked_role' : 'panel.locked';
    const text = t(key, { role: t(`session.role.${layer.access}`) });
    return (
      <Tooltip title={text}>
        <LockOutlined className="lock" tabIndex={0} aria-label={text} />
      </Tooltip>
    );
  }
  const { byRole, withinUnits } = heldBack(layer);
  const names = (fields: Field[]) => fields.map((it) => own(it.title)).join(t('panel.comma'));
  const lines = byRole.map(({ role, fields }) =>
    t('panel.fields_role', { fields: names(fields), role: t(`session.role.${role}`) }),
  );
  if (withinUnits.length > 0) {
    const units = session?.responsible_units?.join(t('panel.comma')) ?? '';
    lines.push(t('panel.fields_units', { fields: names(withinUnits), units }));
  }
  if (lines.length === 0) return null;
  return (
    <Tooltip
      title={lines.map((it) => (
        <div key={it}>{it}</div>
      ))}
      placement="right"
    >
      <UnlockOutlined
        className="lock partly"
        tabIndex={0}
        aria-label={t('panel.partly', { title: own(layer.title), facts: lines.join(' ') })}
      />
    </Tooltip>
  );
}
