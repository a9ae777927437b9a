import { Tag } from 'antd';
import type { ReactNode } from 'react';
import type { Session } from '../api/schema';
import { day, daysUntil } from '../format';
import { useText } from '../i18n';
import { unitsMatter } from '../session/roles';

export function WhoAmI({ session, account }: { session: Session; account: string }) {
  const { t } = useText();
  const { own_role: role, responsible_units: units, password_expires_at: expires } = session;
  const days = daysUntil(expires, new Date());
  const rows: [string, ReactNode][] = [
    [t('account.name'), account],
    [
      t('account.role'),
      <>
        {t(`session.role.${role}`)}
        <span className="quiet explained">{t(`session.role_means.${role}`)}</span>
      </>,
    ],
    [
      t('account.units'),
      units && unitsMatter(role) ? (
        <>
          <span className="units">
            {units.map((it) => (
              <Tag key={it} variant="filled">
                {it}
              </Tag>
            ))}
          </span>
          <span className="quiet explained">{t('account.units_means')}</span>
        </>
      ) : (
        t('account.everywhere')
      ),
    ],
    [
      t('account.password'),
      days === null ? (
        t('account.no_expiry')
      ) : (
        <>{t(days < 0 ? 'account.expired' : 'account.expires', { date: day(expires), count: days })}</>
      ),
    ],
  ];
  return (
    <section className="card">
      <h3>{t('account.who')}</h3>
      <dl className="facts">
        {rows.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
