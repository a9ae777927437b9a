import { Tooltip } from 'antd';
import type { Layer, LegendRow } from '../api/schema';
import { count, decimal } from '../format';
import { useText } from '../i18n';
import { useView } from '../state/view';
import { DownloadMenu } from './DownloadMenu';
import { Swatch } from './Swatch';
import { both, whereOf } from '../filter/cql';
import { useNarrowedRows, type RowSum } from '../filter/use-sums';

/** The legend, always open. A layer of one class has its swatch in the title line and no rows here. */
export function LayerDetails({ layer, downloads = false }: { layer: Layer; downloads?: boolean }) {
  const { t } = useText();
  const sums = useNarrowedRows(layer);
  if (layer.legend.length < 2) return null;
  return (
    <ul className="legend">
      {downloads && layer.legend.some((it) => it.count !== null) && (
        <li className="legend-head" aria-hidden="true">
          <span className="legend-text" />
          <span className="figure">{t('panel.count')}</span>
          <span className="figure area">{t('dossier.mu')}</span>
          <span className="download-row" />
        </li>
      )}
      {layer.legend.map((row, index) => (
        <Row
          key={index}
          layer={layer}
          row={row}
          sum={sums ? (sums[index] ?? null) : row}
          index={index}
          downloads={downloads}
        />
      ))}
    </ul>
  );
}

type Props = {
  layer: Layer;
  row: LegendRow;
  /** What of it is left by the conditions; null while that is asked for. */
  sum: RowSum | null;
  index: number;
  downloads: boolean;
};

function Row({ layer, row, sum, index, downloads }: Props) {
  const { t, own } = useText();
  const view = useView();
  const hidden = view.hidden[layer.id]?.includes(index) ?? false;
  const label = own(row.label);
  const toggle = (
    <label className="legend-label" title={row.match ? t('panel.row_on', { label }) : undefined}>
      <input
        type="checkbox"
        checked={!hidden}
        aria-label={t('panel.row_on', { label })}
        onChange={(event) => view.setRowHidden(layer.id, index, !event.target.checked)}
      />
      <Swatch row={row} />
      <span className="legend-text">{label}</span>
    </label>
  );
  return (
    <li className={hidden ? 'off' : ''}>
      {row.match ? (
        toggle
      ) : (
        <Tooltip title={t('panel.only_download')} placement="right">
          {toggle}
        </Tooltip>
      )}
      <span className="figure">{count(sum?.count)}</span>
      <span className="figure area">{decimal(sum?.area_mu, 2)}</span>
      {downloads && (
        <DownloadMenu
          layer={layer}
          filter={both(row.filter === null ? null : `(${row.filter})`, whereOf(layer, view.where))}
          disabled={sum?.count === 0}
          name={label}
          tip={t('panel.download_row', { label })}
        />
      )}
    </li>
  );
}
