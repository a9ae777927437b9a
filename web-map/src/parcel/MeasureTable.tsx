import type { Dossier, LayerTree } from '../api/schema';
import { exact } from '../format';
import { useText } from '../i18n';
import { Fact } from './figures';
import { SourceLine } from './SourceLine';

type Props = { dossier: Dossier; tree: LayerTree | null; names: (name: string) => boolean; brief?: boolean };

/** Measures of the shown run in the order of the catalogue, with their source and day; `brief` without. */
export function MeasureTable({ dossier, tree, names, brief = false }: Props) {
  const { t, own, language } = useText();
  const shown = dossier.measures.filter((it) => names(it.name));
  if (shown.length === 0) return null;
  return (
    <table className="table measures">
      <thead>
        <tr>
          <th>{t('dossier.measure')}</th>
          <th className="figure">{t('dossier.value')}</th>
          {!brief && <th>{t('dossier.source')}</th>}
        </tr>
      </thead>
      <tbody>
        {shown.map((it) => {
          const known = tree?.measures.find((own) => own.name === it.name);
          return (
            <tr key={it.name}>
              <th scope="row">{known ? own(known.title) : <code>{it.name}</code>}</th>
              <td className="figure">
                <Fact name={it.name} brief>
                  {exact(it.value, known?.unit ?? null, language)}
                </Fact>
              </td>
              {!brief && (
                <td className="quiet small">
                  <SourceLine dossier={dossier} name={it.name} />
                </td>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
