import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Checkbox, Form, InputNumber, Table, type TableColumnsType } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { explain } from '../api/explain';
import { useLayerTree } from '../api/hooks';
import { assemble, type Assemblies, type AssemblyTerms, type Piece } from '../api/planning';
import { decimal, percent } from '../format';
import { useText } from '../i18n';
import type { Look, Shapes } from '../import/shape-style';
import { ShapeMap } from '../import/ShapeMap';
import { toPath } from '../state/base';
import { dossierPath } from '../state/url';
import { registerOf } from './register';

type Asked = {
  gap_m?: number | null;
  mu_at_least?: number | null;
  parcels_at_least?: number | null;
  same_unit?: boolean;
};

const look: Look = { member: 'kind', classes: [{ value: 'piece', colour: '#7a1f6b', dash: null }] };

/** Low land that lies together: the list and the map show the same piece. */
export function AssembliesTab() {
  const { t } = useText();
  const ask = useMutation({ mutationFn: (terms: AssemblyTerms) => assemble(terms) });
  const { mutate } = ask;
  // As the layer folder has it, before anybody changes a term.
  useEffect(() => mutate({}), [mutate]);
  const used = ask.data?.terms;
  const send = (it: Asked) =>
    mutate({
      ...(typeof it.gap_m === 'number' ? { gap_m: it.gap_m } : {}),
      ...(typeof it.mu_at_least === 'number' ? { mu_at_least: it.mu_at_least } : {}),
      ...(typeof it.parcels_at_least === 'number' ? { parcels_at_least: it.parcels_at_least } : {}),
      ...(it.same_unit ? { same_unit: true } : {}),
    });
  return (
    <>
      <Form<Asked> layout="inline" className="planning-terms" onFinish={send}>
        <Form.Item name="gap_m" label={t('planning.gap')}>
          <InputNumber min={0} max={1000} placeholder={String(used?.gap_m ?? '')} />
        </Form.Item>
        <Form.Item name="mu_at_least" label={t('planning.mu_at_least')}>
          <InputNumber min={0} placeholder={decimal(used?.mu_at_least, 2, true) ?? ''} />
        </Form.Item>
        <Form.Item name="parcels_at_least" label={t('planning.parcels_at_least')}>
          <InputNumber min={1} max={1000} precision={0} placeholder={String(used?.parcels_at_least ?? '')} />
        </Form.Item>
        <Form.Item name="same_unit" valuePropName="checked">
          <Checkbox>{t('planning.same_unit')}</Checkbox>
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={ask.isPending}>
          {t('planning.assemble')}
        </Button>
      </Form>
      {ask.isError && <Alert type="error" showIcon title={explain(ask.error, t)} />}
      {ask.data && <Pieces of={ask.data} />}
    </>
  );
}

function Pieces({ of }: { of: Assemblies }) {
  const { t, list } = useText();
  const tree = useLayerTree().data;
  const [chosen, setChosen] = useState<string | null>(null);
  const shapes = useMemo<Shapes>(
    () => ({
      type: 'FeatureCollection',
      features: of.assemblies.map((it) => ({
        type: 'Feature',
        properties: { shape: it.assembly_code, kind: 'piece' },
        geometry: it.geometry,
      })),
    }),
    [of],
  );
  const columns: TableColumnsType<Piece> = [
    { title: t('planning.rank'), dataIndex: 'rank', width: 56, align: 'right' },
    {
      title: t('planning.area_mu'),
      dataIndex: 'area_mu',
      width: 96,
      align: 'right',
      render: (it: string) => decimal(it, 2),
    },
    {
      title: t('planning.parcel_count'),
      key: 'count',
      width: 72,
      align: 'right',
      render: (_, it) => it.parcels,
    },
    {
      title: t('planning.holders'),
      dataIndex: 'holders',
      width: 88,
      align: 'right',
      render: (it: number | null) => it ?? '–',
    },
    {
      title: t('planning.compactness'),
      dataIndex: 'compactness',
      width: 84,
      align: 'right',
      render: (it: string | null) => decimal(it, 2) ?? '–',
    },
    {
      title: t('planning.plan_fit'),
      dataIndex: 'plan_fit',
      width: 104,
      align: 'right',
      render: (it: string | null) => percent(it) ?? '–',
    },
    {
      title: t('planning.unit'),
      dataIndex: 'responsible_unit',
      render: (it: string | null) => it ?? t('planning.several_units'),
    },
  ];
  return (
    <>
      <p className="quiet planning-sum">
        {t('planning.pieces', { count: of.total, candidates: of.candidates, mu: decimal(of.area_mu, 2) })}
        {of.own_units && ` ${t('planning.own_units')}`}
      </p>
      {of.barriers_missing.length > 0 && (
        <Alert
          className="failure"
          type="warning"
          showIcon
          title={t('planning.barriers_missing', { layers: list(of.barriers_missing) })}
        />
      )}
      <div className="planning-map">
        <Table<Piece>
          size="small"
          rowKey="assembly_code"
          columns={columns}
          dataSource={of.assemblies}
          pagination={{ pageSize: 12, hideOnSinglePage: true, showSizeChanger: false }}
          locale={{ emptyText: t('planning.no_pieces') }}
          rowClassName={(it) => (it.assembly_code === chosen ? 'chosen' : '')}
          onRow={(it) => ({ onClick: () => setChosen(it.assembly_code) })}
          expandable={{ expandedRowRender: (it) => <Members of={it} /> }}
        />
        {tree && (
          <ShapeMap
            tree={tree}
            into={registerOf(tree)}
            shapes={shapes}
            look={look}
            titles={{ piece: t('planning.piece') }}
            chosen={chosen}
            onChoose={setChosen}
          />
        )}
      </div>
    </>
  );
}

function Members({ of }: { of: Piece }) {
  const { t } = useText();
  return (
    <ul className="members">
      {of.members.map((it) => (
        <li key={it.parcel_code}>
          <a href={toPath(dossierPath(it.parcel_code))}>{it.parcel_code}</a>{' '}
          {t('planning.mu', { mu: decimal(it.area_mu, 2) ?? '–' })}
          {it.outcome && ` · ${t(`planning.outcome.${it.outcome}`)}`}
        </li>
      ))}
    </ul>
  );
}
