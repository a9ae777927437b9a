import { Tag } from 'antd';
import { use } from 'react';
import type { Dossier } from '../api/schema';
import { decimal } from '../format';
import { useText } from '../i18n';
import { Cell, Fact, Withheld } from './figures';

export function Occupants({ dossier }: { dossier: Dossier }) {
  const { t } = useText();
  if (use(Withheld).includes('enterprises')) return <Fact name="enterprises">{null}</Fact>;
  if (dossier.enterprises.length === 0) return <p className="quiet">{t('dossier.no_occupants')}</p>;
  return (
    <table className="table">
      <thead>
        <tr>
          <th>{t('dossier.occupant')}</th>
          <th className="short">{t('dossier.role')}</th>
          <th className="figure">{t('dossier.land')} m²</th>
          <th className="figure">{t('dossier.floor')} m²</th>
        </tr>
      </thead>
      <tbody>
        {dossier.enterprises.map((it) => (
          <tr key={`${it.uscc} ${it.role}`}>
            <td>
              <Fact name="name">{it.name}</Fact>{' '}
              {it.is_scale && <Tag variant="filled">{t('dossier.scale')}</Tag>}
              <div className="quiet small">{[it.uscc, it.industry_code].filter(Boolean).join(' · ')}</div>
            </td>
            <td className="short">
              <Fact name="role">{it.role}</Fact>
            </td>
            <Cell name="land_m2" text={decimal(it.land_m2, 0)} />
            <Cell name="floor_m2" text={decimal(it.floor_m2, 0)} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}
