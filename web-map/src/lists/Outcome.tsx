import { Alert } from 'antd';
import type { Added } from '../api/lists';
import { Copied } from '../frame/Copied';
import { useText } from '../i18n';

/** What came of a choice: how many, which codes nobody has, which parcels were not taken and why. */
export function Outcome({ of }: { of: Added }) {
  const { t, own, list } = useText();
  const why = new Map<string, string[]>();
  of.skipped.forEach((it) => {
    const text = own(it.why).replace(/[：:].*$/, '');
    why.set(text, [...(why.get(text) ?? []), it.parcel_code]);
  });
  return (
    <div className="stacked outcome-of">
      <Alert
        type={of.added.length > 0 ? 'success' : 'warning'}
        showIcon
        title={t('lists.added', { count: of.added.length })}
      />
      {of.not_found.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t('lists.not_found', { count: of.not_found.length })}
          description={<Copied label={t('lists.not_found_label')} text={of.not_found.join('\n')} />}
        />
      )}
      {[...why].map(([text, codes]) => (
        <Alert
          key={text}
          type="info"
          showIcon
          title={t('lists.skipped', { count: codes.length, why: text })}
          description={<span className="codes">{list(codes)}</span>}
        />
      ))}
    </div>
  );
}
