import { App, Select } from 'antd';
import type { TFunction } from 'i18next';
import { ScaleControl, type MapMouseEvent } from 'maplibre-gl';
import { useEffect, useRef, useState } from 'react';
import type { LayerTree, Position } from '../api/schema';
import { copyText } from '../copy';
import { coordinate, geographic, others, systems, zoneOf, zones, type System } from '../coordinates/systems';
import { date, scale } from '../format';
import { useText } from '../i18n';
import { useMapStore } from './store';

export function StatusBar({ tree }: { tree: LayerTree | null }) {
  const { t } = useText();
  const [format, setFormat] = useState<System>(kept);
  const evaluated = tree?.evaluation;
  return (
    <footer className="status-bar">
      <Select<System>
        size="small"
        variant="borderless"
        aria-label={t('status.format')}
        popupMatchSelectWidth={false}
        value={format}
        onChange={(to) => {
          setFormat(to);
          localStorage.setItem(keptAs, to);
        }}
        listHeight={420}
        options={optionsOf(tree, t)}
      />
      <Coordinates format={format} />
      {format === 'gcj02' && <span className="low">{t('status.gcj02_note')}</span>}
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

const keptAs = 'mutu-coordinates';

/** What this browser chose last; people keep to one system. */
function kept(): System {
  const text = localStorage.getItem(keptAs);
  return systems.find((it) => it === text) ?? 'decimal';
}

/** Of the zones that of the district comes first. */
function optionsOf(tree: LayerTree | null, t: TFunction) {
  const [west, , east] = tree?.bounds ?? [121, 0, 121, 0];
  const own = zoneOf((west + east) / 2);
  const sorted = [own, ...zones.filter((it) => it !== own)];
  const group = (kind: 'plain' | 'prefixed') => ({
    label: t(`status.zones_${kind}`),
    options: sorted.map((it) => ({
      value: `epsg${it[kind]}` as System,
      label: t(it === own ? 'status.own_zone' : 'status.zone', { code: it[kind], meridian: it.meridian }),
    })),
  });
  const named = (it: System) => ({ value: it, label: t(`status.${it}`) });
  return [
    { label: t('status.geographic'), options: geographic.map(named) },
    group('plain'),
    group('prefixed'),
    { label: t('status.others'), options: others.map(named) },
  ];
}

/**
 * Under the pointer; once it leaves the map, where it clicked last (so that a place can be copied),
 * else the centre. Written straight into the page: the pointer moves too often for React.
 */
function Coordinates({ format }: { format: System }) {
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
