// A QGIS layer definition (.qlr): the layer through WFS, with the names of its fields and the classes and colours of the
// legend. Pure.
import type { Layer, Text } from '../api/schema';

const shapes = { polygon: 'Polygon', line: 'Line', point: 'Point' } as const;
const symbols = {
  polygon: { type: 'fill', kind: 'SimpleFill', colour: 'color', edge: 'outline_color' },
  line: { type: 'line', kind: 'SimpleLine', colour: 'line_color', edge: null },
  point: { type: 'marker', kind: 'SimpleMarker', colour: 'color', edge: 'outline_color' },
} as const;

type Shown = Pick<Layer, 'id' | 'geometry' | 'legend' | 'fields'>;
type Own = (text: Text) => string;

/** Null for tables without shapes: WFS has them, a legend of theirs means nothing. */
export function layerFile(layer: Shown, title: string, own: Own, wfs: string): string | null {
  if (layer.geometry === 'none') return null;
  // WFS itself has no titles of fields.
  const aliases = layer.fields
    .filter((it) => it.readable)
    .map((it, nth) => `<alias index="${nth}" field="${it.name}" name="${xml(own(it.title))}"/>`)
    .join('');
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
      <aliases>${aliases}</aliases>
      ${renderer(layer, layer.geometry, own)}
    </maplayer>
  </maplayers>
</qlr>
`;
}

function renderer(layer: Shown, geometry: keyof typeof symbols, own: Own): string {
  const classes = layer.legend.flatMap((row) => (row.match ? [{ row, match: row.match }] : []));
  const field = classes[0]?.match.field;
  if (field === undefined) {
    const [first] = layer.legend;
    return first
      ? `<renderer-v2 type="singleSymbol"><symbols>${symbol('0', geometry, first.color)}</symbols></renderer-v2>`
      : '';
  }
  // QGIS takes each symbol once, so a class of several values is one category with a list; an empty one is what has no class.
  const categories = classes.map(({ row, match }, nth) => {
    const [only, ...more] = match.values;
    const rest = `label="${xml(own(row.label))}" symbol="${nth}" render="true"`;
    if (only === undefined) return `<category value="" type="string" ${rest}/>`;
    if (more.length === 0) return `<category ${value(only)} ${rest}/>`;
    return `<category type="List" ${rest}>${match.values.map((it) => `<val ${value(it)}/>`).join('')}</category>`;
  });
  const drawn = classes.map(({ row }, nth) => symbol(String(nth), geometry, row.color));
  return `<renderer-v2 type="categorizedSymbol" attr="${field}"><categories>${categories.join('')}</categories><symbols>${drawn.join('')}</symbols></renderer-v2>`;
}

const types: Record<string, string> = { number: 'integer', boolean: 'bool' };

function value(it: string | number | boolean): string {
  return `value="${xml(String(it))}" type="${types[typeof it] ?? 'string'}"`;
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
