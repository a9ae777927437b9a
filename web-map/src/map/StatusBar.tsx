import { App, Select } from 'antd';
import { ScaleControl, type MapMouseEvent } from 'maplibre-gl';
import { useEffect, useRef, useState } from 'react';
import type { LayerTree, Position } from '../api/schema';
import { copyText } from '../copy';
import { coordinate, coordinateFormats, date, scale, type CoordinateFormat } from '../format';
import { useText } from '../i18n';
import { useMapStore } from './store';

export function StatusBar({ tree }: { tree: LayerTree | null }) {
  const { t } = useText();
  const [format, setFormat] = useState<CoordinateFormat>('decimal');
  const evaluated = tree?.evaluation;
  return (
    <footer className="status-bar">
      <Select<CoordinateFormat>
        size="small"
        variant="borderless"
        aria-label={t('status.format')}
        popupMatchSelectWidth={false}
        value={format}
        onChange={setFormat}
        options={coordinateFormats.map((it) => ({ value: it, label: t(`status.${it}`) }))}
      />
      <Coordinates format={format} />
      <span className="spring" />
      {evaluated && (
        <span>
          {t('panel.year', { year: evaluated.year })} · {date(evaluated.finished_at)}
        </span>
      )}
      <Scale />
    </footer>
  );
}

/**
 * Under the pointer; once it leaves the map, where it clicked last (so that a place can be copied),
 * else the centre. Written straight into the page: the pointer moves too often for React.
 */
function Coordinates({ format }: { format: CoordinateFormat }) {
  const { t } = useText();
  const { message } = App.useApp();
  const { map, clicked } = useMapStore();
  const label = useRef<HTMLSpanElement>(null);
  const value = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!map) return;
    let pointer: Position | null = null;
    const write = () => {
      const centre = map.getCenter();
      const kind = pointer ? 'pointer' : clicked ? 'clicked' : 'centre';
      const [lon, lat] = pointer ?? clicked ?? [centre.lng, centre.lat];
      if (label.current) label.current.textContent = t(`status.${kind}`);
      if (value.current) value.current.textContent = coordinate(lon, lat, format);
    };
    const move = (event: MapMouseEvent) => {
      pointer = [event.lngLat.lng, event.lngLat.lat];
      write();
    };
    const out = () => {
      pointer = null;
      write();
    };
    write();
    map.on('mousemove', move);
    map.on('mouseout', out);
    map.on('move', write);
    return () => {
      map.off('mousemove', move);
      map.off('mouseout', out);
      map.off('move', write);
    };
  }, [map, clicked, format, t]);

  const copy = async () => {
    const text = value.current?.textContent ?? '';
    if (await copyText(text)) message.success(t('status.copied', { text }));
    else message.info(t('status.copy_failed'));
  };
  return (
    <>
      <span ref={label} className="quiet" />
      <button
        ref={value}
        type="button"
        className="coordinates"
        title={t('status.copy')}
        aria-label={t('status.coordinate')}
        onClick={() => void copy()}
      />
    </>
  );
}

function Scale() {
  const { t } = useText();
  const map = useMapStore((it) => it.map);
  const bar = useRef<HTMLDivElement>(null);
  const ratio = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    if (!map) return;
    const control = new ScaleControl({ maxWidth: 110, unit: 'metric' });
    bar.current?.replaceChildren(control.onAdd(map));
    const write = () => {
      if (ratio.current) ratio.current.textContent = scale(map.getZoom(), map.getCenter().lat);
    };
    write();
    map.on('move', write);
    return () => {
      control.onRemove();
      map.off('move', write);
    };
  }, [map]);

  return (
    <>
      <span ref={ratio} className="ratio" title={t('status.scale')} />
      <div ref={bar} className="scale-bar" />
    </>
  );
}
