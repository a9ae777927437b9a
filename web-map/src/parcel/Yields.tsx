import { Tag } from 'antd';
import { use } from 'react';
import type { Dossier, LayerTree, YearFigures } from '../api/schema';
import { count, decimal } from '../format';
import { useText } from '../i18n';
import { Cell, Fact, Withheld } from './figures';
import { MeasureTable } from './MeasureTable';

const figures = [
  'tax_wan_per_mu',
  'output_wan_per_mu',
  'tax_wan',
  'output_wan',
  'value_added_wan',
  'energy_tce',
  'employees',
] as const satisfies readonly (keyof YearFigures)[];

/** Figures down, years across: three years are read as a row. */
export function Yields({ dossier, tree }: { dossier: Dossier; tree: LayerTree | null }) {
  const { t, own } = useText();
  const withheld = use(Withheld);
  if (withheld.includes('years')) return <Fact name="years">{null}</Fact>;
  if (dossier.years.length === 0) return <p className="quiet">{t('dossier.no_years')}</p>;
  const years = [...dossier.years].sort((a, b) => a.year - b.year);
  return (
    <>
      <table className="table">
        <thead>
          <tr>
            <th>{t('dossier.year')}</th>
            {years.map((it) => (
              <th key={it.year} className="figure">
                {it.year}
                {!it.complete && (
                  <Tag color="gold" variant="filled">
                    {t('dossier.incomplete')}
                  </Tag>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {figures.map((name) => (
            <tr key={name}>
              <th scope="row">{t(`dossier.figures.${name}`)}</th>
              {withheld.includes(name) && years.every((it) => (it[name] ?? null) === null) ? (
                <td className="figure" colSpan={years.length}>
                  <Fact name={name}>{null}</Fact>
                </td>
              ) : (
                years.map((it) => (
                  <Cell
                    key={it.year}
                    name={name}
                    text={name === 'employees' ? count(it[name]) : decimal(it[name], 2)}
                  />
                ))
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {years
        .filter((it) => it.note)
        .map((it) => (
          <p key={it.year} className="quiet">
            {t('dossier.year_note', { year: it.year, note: it.note && own(it.note) })}
          </p>
        ))}
      <h4 className="part">{t('dossier.other_measures')}</h4>
      <MeasureTable dossier={dossier} tree={tree} names={(it) => !told.has(it)} brief />
    </>
  );
}

/** Said above, or in the overview. */
const told: ReadonlySet<string> = new Set([
  ...figures,
  'area_mu',
  'gfa_m2',
  'assessed_value_wan',
  'tax_wan_per_mu_prev1',
  'tax_wan_per_mu_prev2',
]);
