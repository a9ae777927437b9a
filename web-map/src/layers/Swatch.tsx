import type { CSSProperties } from 'react';
import type { LegendRow } from '../api/schema';

export function Swatch({ row }: { row: LegendRow }) {
  return (
    <span
      className={`swatch ${row.pattern ?? 'plain'}`}
      style={{ '--color': row.color } as CSSProperties}
      aria-hidden="true"
    />
  );
}
