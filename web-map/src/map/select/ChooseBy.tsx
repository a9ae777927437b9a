import { Alert, Button, InputNumber, Select } from 'antd';
import { useState } from 'react';
import { explain } from '../../api/explain';
import { useDossier } from '../../api/hooks';
import { getCases, useLists, type Cases } from '../../api/lists';
import { quoted } from '../../api/rows';
import type { Layer, Position } from '../../api/schema';
import { useStats } from '../../api/stats';
import { count } from '../../format';
import { useText } from '../../i18n';
import { useView } from '../../state/view';
import { useMapStore } from '../store';
import { findCodes } from './rows';
import { aroundOf, circleOf, touching } from './shapes';
import { useChoose } from './use-choose';

export type PartProps = { subject: Layer; onClose: () => void };

export function ByUnit({ subject, onClose }: PartProps) {
  const { t } = useText();
  const { takeWhere } = useChoose(subject);
  const [units, setUnits] = useState<string[]>([]);
  const found = useStats({ layer: subject.id, group_by: ['responsible_unit'] });
  const options = (found.data?.groups ?? []).flatMap((it) => {
    const unit = it.key['responsible_unit'];
    return typeof unit === 'string'
      ? [{ value: unit, label: t('select.unit_count', { unit, count: count(it.count) }) }]
      : [];
  });
  const start = async () => {
    await takeWhere(`responsible_unit IN (${units.map(quoted).join(', ')})`);
    onClose();
  };
  return (
    <div className="choose">
      <Select
        mode="multiple"
        value={units}
        onChange={setUnits}
        options={options}
        loading={found.isPending}
        placeholder={t('select.which_unit')}
        aria-label={t('select.which_unit')}
      />
      <Button type="primary" disabled={units.length === 0} onClick={() => void start()}>
        {t('select.take')}
      </Button>
    </div>
  );
}

export function ByList({ subject, onClose }: PartProps) {
  const { t } = useText();
  const { take } = useChoose(subject);
  const lists = useLists().data?.pages.flatMap((it) => it.lists) ?? [];
  const [listId, setListId] = useState<number | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const start = async () => {
    if (listId === null) return;
    try {
      const codes: string[] = [];
      let after: number | null = null;
      do {
        const page: Cases = await getCases(listId, { after });
        codes.push(...page.cases.flatMap((it) => (it.parcel_code ? [it.parcel_code] : [])));
        after = page.next;
      } while (after !== null);
      take(await findCodes(subject, [...new Set(codes)]));
      onClose();
    } catch (error) {
      setFailure(explain(error, t));
    }
  };
  return (
    <div className="choose">
      <Select
        value={listId}
        onChange={setListId}
        placeholder={t('select.which_list')}
        aria-label={t('select.which_list')}
        options={lists.map((it) => ({ value: it.list_id, label: `${it.name} · ${it.year}` }))}
        notFoundContent={t('select.no_lists')}
      />
      {failure && <Alert type="error" showIcon title={failure} />}
      <Button type="primary" disabled={listId === null} onClick={() => void start()}>
        {t('select.take')}
      </Button>
    </div>
  );
}

/** Around the open parcel, else around the pin or the middle of the map. */
export function ByDistance({ subject, onClose }: PartProps) {
  const { t } = useText();
  const { takeWhere } = useChoose(subject);
  const sel = useView((it) => it.sel);
  const { map, pin } = useMapStore();
  const dossier = useDossier(sel).data;
  const [metres, setMetres] = useState(500);
  const start = async () => {
    const centre = map?.getCenter();
    const point: Position | null = pin ?? (centre ? [centre.lng, centre.lat] : null);
    const corners = dossier ? (dossier.geometry as { coordinates: unknown }).coordinates : null;
    const area = corners ? aroundOf(positionsIn(corners), metres) : point ? circleOf(point, metres) : null;
    if (area) await takeWhere(touching(area));
    onClose();
  };
  return (
    <div className="choose">
      <p>
        {dossier
          ? t('select.around_parcel', { code: dossier.parcel_code })
          : t(pin ? 'select.around_pin' : 'select.around_centre')}
      </p>
      <InputNumber
        value={metres}
        min={1}
        max={20_000}
        suffix={t('select.m')}
        aria-label={t('select.distance')}
        onChange={(to) => to !== null && setMetres(to)}
      />
      <Button type="primary" onClick={() => void start()}>
        {t('select.take')}
      </Button>
    </div>
  );
}

/** All positions of a geometry, however deep. */
function positionsIn(coordinates: unknown): Position[] {
  if (!Array.isArray(coordinates)) return [];
  const [x, y] = coordinates as unknown[];
  if (typeof x === 'number' && typeof y === 'number') return [[x, y]];
  return coordinates.flatMap(positionsIn);
}
