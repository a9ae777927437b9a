// A QGIS layer definition (.qlr): the layer through WFS, with the classes and colours of the legend. Pure.
import type { Layer, LegendRow } from '../api/schema';

const shapes = { polygon: 'Polygon', line: 'Line', point: 'Point' } as const;
const symbols = {
  polygon: { type: 'fill', kind: 'SimpleFill', colour: 'color', edge: 'outline_color' },
  line: { type: 'line', kind: 'SimpleLine', colour: 'line_color', edge: null },
  point: { type: 'marker', kind: 'SimpleMarker', colour: 'color', edge: 'outline_color' },
} as const;

type Shown = Pick<Layer, 'id' | 'geometry' | 'legend'>;

/** Null for tables without shapes: WFS has them, a legend of theirs means nothing. */
export function layerFile(
  layer: Shown,
  title: string,
  label: (row: LegendRow) => string,
  wfs: string,
): string | null {
  if (layer.geometry === 'none') return null;
  const source = `pagingEnabled='true' srsname='EPSG:4490' typename='mutu:${layer.id}' url='${wfs}' version='2.0.0'`;
  const id = `mutu_${layer.id}`;
  return `<!DOCTYPE qgis-layer-definition>
<qlr>
  <layer-tree-group name="" checked="Qt::Checked" expanded="1">
    <layer-tree-layer id="${id}" name="${xml(title)}" providerKey="WFS" source="${xml(source)}" checked="Qt::Checked" expanded="1"/>
  </layer-tree-group>
  <maplayers>
    <maplayer type="vector" geometry="${shapes[layer.geometry]}">
      <id>${id}</id>
      <datasource>${xml(source)}</datasource>
      <layername>${xml(title)}</layername>
      <srs><spatialrefsys><authid>EPSG:4490</authid></spatialrefsys></srs>
      <provider encoding="UTF-8">WFS</provider>
      ${renderer(layer, layer.geometry, label)}
    </maplayer>
  </maplayers>
</qlr>
`;
}

function renderer(layer: Shown, geometry: keyof typeof symbols, label: (row: LegendRow) => string): string {
  const classes = layer.legend.flatMap((row) => (row.match ? [{ row, match: row.match }] : []));
  const field = classes[0]?.match.field;
  if (field === undefined) {
    const [first] = layer.legend;
    return first
      ? `<renderer-v2 type="singleSymbol"><symbols>${symbol('0', geometry, first.color)}</symbols></renderer-v2>`
      : '';
  }
  // A class of several values is as many categories of one symbol; none at all stands for what is missing.
  const categories = classes.flatMap(({ row, match }, nth) =>
    (match.values.length > 0 ? match.values : ['']).map(
      (value) =>
        `<category value="${xml(String(value))}" type="${typeof value === 'number' ? 'integer' : 'string'}" label="${xml(label(row))}" symbol="${nth}" render="true"/>`,
    ),
  );
  const drawn = classes.map(({ row }, nth) => symbol(String(nth), geometry, row.color));
  return `<renderer-v2 type="categorizedSymbol" attr="${field}"><categories>${categories.join('')}</categories><symbols>${drawn.join('')}</symbols></renderer-v2>`;
}

function symbol(name: string, geometry: keyof typeof symbols, colour: string): string {
  const { type, kind, colour: member, edge } = symbols[geometry];
  const option = (key: string, value: string) => `<Option type="QString" name="${key}" value="${value}"/>`;
  const options = [option(member, rgba(colour)), edge ? option(edge, '90,90,90,255') : ''].join('');
  return `<symbol type="${type}" name="${name}"><layer class="${kind}"><Option type="Map">${options}</Option></layer></symbol>`;
}

/** `#8d99a6` as QGIS writes colours. */
function rgba(colour: string): string {
  const hex = colour.match(/^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i);
  return hex
    ? `${hex
        .slice(1, 4)
        .map((it) => parseInt(it, 16))
        .join(',')},255`
    : '128,128,128,255';
}

function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
