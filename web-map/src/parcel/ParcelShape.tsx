import type { Geometry, Position } from 'geojson';
import { useText } from '../i18n';

const side = 240;
const margin = 14;

/** The outline alone, north up, so that the page needs no map. */
export function ParcelShape({ geometry }: { geometry: Geometry }) {
  const { t } = useText();
  const path = outline(ringsOf(geometry));
  if (!path) return null;
  return (
    <figure className="card shape">
      <svg viewBox={`0 0 ${side} ${side}`} role="img" aria-label={t('dossier.shape')}>
        <path d={path} fillRule="evenodd" />
        <g className="north" aria-hidden="true">
          <path d="M224 34 l-6 -4 6 -18 6 18z" />
          <text x="224" y="50" textAnchor="middle">
            N
          </text>
        </g>
      </svg>
    </figure>
  );
}

function ringsOf(geometry: Geometry): Position[][] {
  if (geometry.type === 'Polygon') return geometry.coordinates;
  if (geometry.type === 'MultiPolygon') return geometry.coordinates.flat();
  return [];
}

/** An SVG path in a square. Degrees of longitude are narrowed to the latitude's length. */
export function outline(rings: Position[][]): string | null {
  const all = rings.flat();
  const [first] = all;
  if (!first) return null;
  const narrow = Math.cos(((first[1] ?? 0) * Math.PI) / 180);
  const xs = all.map((it) => (it[0] ?? 0) * narrow);
  const ys = all.map((it) => it[1] ?? 0);
  const [west, east] = [least(xs), -least(xs.map((it) => -it))];
  const [south, north] = [least(ys), -least(ys.map((it) => -it))];
  const factor = (side - 2 * margin) / (Math.max(east - west, north - south) || 1);
  const left = (side - (east - west) * factor) / 2;
  const top = (side - (north - south) * factor) / 2;
  return rings
    .map((ring) => {
      const points = ring.map(([lon = 0, lat = 0]) => {
        const x = left + (lon * narrow - west) * factor;
        const y = top + (north - lat) * factor;
        return `${x.toFixed(1)} ${y.toFixed(1)}`;
      });
      return `M${points.join('L')}Z`;
    })
    .join('');
}

/** `Math.min(...values)` overflows the stack on outlines of many thousand points. */
function least(values: number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}
