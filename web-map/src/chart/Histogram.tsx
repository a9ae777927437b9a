import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { Counts } from '../api/stats';
import { count } from '../format';
import { useText } from '../i18n';
import { axisOf, barsOf, classOf, moved, stepAt } from './axis';
import './chart.css';

type Props = {
  /** What is counted, for the name of the chart and of its handles. */
  label: string;
  /** `histogram` of the answer of `/api/v1/stats`. */
  counts: Counts;
  /** Thresholds or breaks, rising; each has a handle. */
  handles: readonly number[];
  /** A colour for each class: one more than there are handles. */
  colours?: readonly string[];
  missingColour?: string;
  /** A value with its unit. */
  tell: (value: number) => string;
  isLog?: boolean;
  disabled?: boolean;
  /** At each step of a drag. */
  onMove?: (handles: number[]) => void;
  /** When a drag ends, and at each key. */
  onChange: (handles: number[]) => void;
};

const width = 280;
const height = 84;
/** Rows without a value have a bar of their own, apart from the axis. */
const aside = 26;

/** How often values occur, with handles on the axis that are dragged or moved by the arrow keys. */
export function Histogram(props: Props) {
  const { label, counts, handles, colours = [], missingColour = '#b9bec3', tell, isLog, disabled } = props;
  const { t } = useText();
  const plot = useRef<SVGSVGElement>(null);
  const [dragged, setDragged] = useState<{ index: number; handles: number[] } | null>(null);
  const bars = barsOf(counts);
  const first = bars[0];
  if (!first && counts.missing === 0) return <p className="quiet small">{t('chart.nothing')}</p>;
  const axis = axisOf(first?.from ?? 0, bars.at(-1)?.to ?? 1, isLog);
  const shown = dragged?.handles ?? handles;
  const left = counts.missing > 0 ? aside : 0;
  const across = (value: number) => left + axis.toPlace(value) * (width - left);
  // Few rows in a bar are seen, too: a bar that is not empty is a pixel high.
  const most = Math.max(1, counts.missing, ...bars.map((it) => it.count));
  const tall = (rows: number) => (rows === 0 ? 0 : Math.max(1.5, Math.sqrt(rows / most) * (height - 6)));

  const valueAt = (event: PointerEvent) => {
    const box = plot.current?.getBoundingClientRect();
    if (!box || box.width === 0) return null;
    const x = ((event.clientX - box.left) / box.width) * width;
    return axis.toValue((x - left) / (width - left));
  };
  const drag = (event: PointerEvent) => {
    const value = dragged ? valueAt(event) : null;
    if (!dragged || value === null) return;
    const next = moved(dragged.handles, dragged.index, value, axis);
    setDragged({ ...dragged, handles: next });
    props.onMove?.(next);
  };
  const drop = () => {
    if (!dragged) return;
    setDragged(null);
    props.onChange(dragged.handles);
  };
  const key = (event: KeyboardEvent, index: number) => {
    const value = handles[index] ?? 0;
    const step = stepAt(axis, value);
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowDown: -1,
      ArrowRight: 1,
      ArrowUp: 1,
      PageDown: -10,
      PageUp: 10,
    };
    const by = steps[event.key];
    const to =
      by !== undefined
        ? value + by * step
        : event.key === 'Home'
          ? axis.min
          : event.key === 'End'
            ? axis.max
            : null;
    if (to === null) return;
    event.preventDefault();
    // Escape and the map's keys stay out of it.
    event.stopPropagation();
    const next = moved(handles, index, to, axis);
    if (next[index] !== value) props.onChange(next);
  };

  return (
    <figure className="histogram" aria-label={t('chart.label', { label })}>
      <div className="histogram-plot">
        <svg
          ref={plot}
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          onPointerMove={drag}
        >
          {counts.missing > 0 && (
            <rect
              x={0}
              width={aside - 10}
              y={height - tall(counts.missing)}
              height={tall(counts.missing)}
              fill={missingColour}
              stroke="#7b848b"
              strokeDasharray="2 2"
              vectorEffect="non-scaling-stroke"
            />
          )}
          {bars.map((it) => (
            <rect
              key={it.from}
              x={across(it.from)}
              width={Math.max(0.5, across(it.to) - across(it.from) - 0.75)}
              y={height - tall(it.count)}
              height={tall(it.count)}
              fill={colours[classOf((it.from + it.to) / 2, shown)] ?? '#8ba3b3'}
            />
          ))}
          <line x1={left} x2={width} y1={height - 0.5} y2={height - 0.5} className="histogram-axis" />
        </svg>
        {shown.map((value, index) => (
          <div
            key={index}
            role="slider"
            tabIndex={disabled ? -1 : 0}
            className={dragged?.index === index ? 'histogram-handle dragged' : 'histogram-handle'}
            style={{ left: `${(across(value) / width) * 100}%` }}
            aria-label={t('chart.handle', { label, nth: index + 1 })}
            aria-orientation="horizontal"
            aria-valuemin={shown[index - 1] ?? axis.min}
            aria-valuemax={shown[index + 1] ?? axis.max}
            aria-valuenow={value}
            aria-valuetext={tell(value)}
            aria-disabled={disabled}
            title={tell(value)}
            onPointerDown={(event) => {
              if (disabled || event.button !== 0) return;
              event.currentTarget.setPointerCapture(event.pointerId);
              setDragged({ index, handles: [...handles] });
            }}
            onPointerMove={drag}
            onPointerUp={drop}
            onPointerCancel={() => setDragged(null)}
            onKeyDown={(event) => !disabled && key(event, index)}
          />
        ))}
      </div>
      <div className="histogram-ends" aria-hidden="true">
        <span style={{ minWidth: left }}>{counts.missing > 0 ? t('chart.missing') : ''}</span>
        <span>{first ? tell(first.from) : ''}</span>
        <span>{first ? tell(axis.max) : ''}</span>
      </div>
      <table className="unseen">
        <caption>{t('chart.label', { label })}</caption>
        <thead>
          <tr>
            <th scope="col">{t('chart.from')}</th>
            <th scope="col">{t('chart.to')}</th>
            <th scope="col">{t('chart.rows')}</th>
          </tr>
        </thead>
        <tbody>
          {bars
            .filter((it) => it.count > 0)
            .map((it) => (
              <tr key={it.from}>
                <td>{tell(it.from)}</td>
                <td>{tell(it.to)}</td>
                <td>{count(it.count)}</td>
              </tr>
            ))}
          <tr>
            <th scope="row" colSpan={2}>
              {t('chart.missing')}
            </th>
            <td>{count(counts.missing)}</td>
          </tr>
        </tbody>
      </table>
    </figure>
  );
}
