import type { ReactNode } from 'react';
import type { Dossier, Unit } from '../api/schema';
import { count, date, percent } from '../format';
import { useText } from '../i18n';
import { Fact, Facts, Figure } from './figures';
import { vacancy } from './origins';

type Row = [title: string, value: ReactNode];

/** The register's facts of a parcel, grouped as an officer asks for them. */
export function FactGroups({ dossier: it }: { dossier: Dossier }) {
  const { t } = useText();
  const text = (title: string, name: keyof Dossier, value: string | null): Row => [
    t(`dossier.${title}`),
    <Fact name={name}>{value}</Fact>,
  ];
  const figure = (title: string, name: string, value: string | null, unit: Unit): Row => [
    t(`dossier.${title}`),
    <Figure name={name} value={value} unit={unit} />,
  ];
  const built = it.buildings;
  const groups: [string, Row[]][] = [
    [
      'place',
      [
        text('town', 'town_code', it.town ?? it.town_code),
        text('village', 'village', it.village),
        text('address', 'address', it.address),
        text('unit', 'responsible_unit', it.responsible_unit),
      ],
    ],
    [
      'use',
      [
        text('status', 'status', it.status),
        text('use_actual', 'use_actual', it.use_actual),
        text('land_use', 'land_use_code', it.land_use_code),
        text('industry', 'industry_code', it.industry_code),
      ],
    ],
    [
      'built',
      [
        figure('far', 'far', it.far, 'ratio'),
        figure('coverage', 'coverage', it.coverage, 'ratio'),
        figure('gfa', 'gfa_m2', it.gfa_m2, 'm2'),
        [t('dossier.building_count'), t('dossier.building_unit', { count: count(built.count) })],
        figure('footprint', 'footprint_m2', built.footprint_m2, 'm2'),
        figure('vacant', 'vacant_area_m2', built.vacant_area_m2, 'm2'),
        [t('dossier.vacancy'), <Fact name="vacant_area_m2">{percent(vacancy(built))}</Fact>],
      ],
    ],
    [
      'right',
      [
        text('ownership', 'ownership', it.ownership),
        text('tenure', 'tenure', it.tenure),
        text('holder', 'holder_uscc', it.holder_uscc),
        text('contract_no', 'contract_no', it.contract_no),
        text('contract_start', 'contract_start', date(it.contract_start)),
        text('contract_finish', 'contract_finish', date(it.contract_finish)),
        figure('contract_far', 'contract_far', it.contract_far, 'ratio'),
        figure('contract_tax', 'contract_tax_wan_per_mu', it.contract_tax_wan_per_mu, 'wan_per_mu'),
      ],
    ],
    ['source', [[t('dossier.source'), <Source source={it.source} />]]],
  ];
  return groups.map(([name, rows]) => (
    <section key={name} className="fact-group">
      <h4>{t(`dossier.group.${name}`)}</h4>
      <Facts rows={rows} />
    </section>
  ));
}

function Source({ source }: { source: Dossier['source'] }) {
  const { t } = useText();
  const parts = [
    source.file,
    t('dossier.imported', { date: date(source.imported_at) }),
    t('dossier.by', { who: source.recorded_by }),
  ];
  return parts.filter(Boolean).join(' · ');
}
