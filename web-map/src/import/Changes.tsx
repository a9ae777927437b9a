import { Alert, Segmented, type TableColumnsType } from 'antd';
import { useCallback, useMemo, useState } from 'react';
import type { Change, ChangeKind, Import, ImportTarget, Report } from '../api/schema';
import { shapesAtOnce, useChanges, useChangeShapes } from '../api/imports';
import type { LayerTree } from '../api/schema';
import { count } from '../format';
import { useText } from '../i18n';
import { areaText, changesShape, linesOf } from './diff';
import { LinkedRows } from './LinkedRows';
import { previewKey } from './phase';
import { changeLook, named } from './shape-style';

type Props = { it: Import; report: Report; tree: LayerTree | null; target: ImportTarget | null };

/** Row by row what would be written, or was. */
export function Changes({ it, report, tree, target }: Props) {
  const { t, own, language } = useText();
  const { added, changed, not_in_file, removed, unchanged } = report.rows;
  const counts: Record<ChangeKind, number> = { added, changed, missing: Math.max(not_in_file, removed) };
  const [kind, setKind] = useState<ChangeKind>(
    () => (changed > 0 ? 'changed' : kinds.find((one) => counts[one] > 0)) ?? 'added',
  );
  const [chosen, setChosen] = useState<string | null>(null);
  const seen = previewKey(it);
  const rows = useChanges(it.batch_id, seen, kind);
  const spatial = target?.geometry != null;
  // Rows that stay as they are would only hide what changes.
  const wanted = (one: ChangeKind) => counts[one] > 0 && (one !== 'missing' || kind === one || removed > 0);
  const drawn = spatial ? kinds.filter(wanted) : [];
  const fetched = useChangeShapes(it.batch_id, seen, drawn);
  const found = fetched.data;
  const shapes = useMemo(
    () => found && named({ type: 'FeatureCollection', features: found.flatMap((one) => one.features) }),
    [found],
  );
  // Chosen on the map, the row may be under another heading.
  const choose = useCallback((shape: string) => {
    setChosen(shape);
    const of = kinds.find((one) => shape.startsWith(`${one}.`));
    if (of) setKind(of);
  }, []);
  const titles = useMemo(() => Object.fromEntries(kinds.map((one) => [one, t(`import.kind.${one}`)])), [t]);
  const titleOf = (name: string) => {
    if (name === 'extra') return t('import.extra');
    const field = target?.fields.find((one) => one.name === name);
    return field ? own(field.title) : name;
  };
  const words = { yes: t('import.yes'), no: t('import.no') };
  const columns: TableColumnsType<Change> = [
    {
      title: t('import.key'),
      dataIndex: 'key',
      width: 190,
      className: 'wrap',
      render: (it: string) => <b>{it}</b>,
    },
    ...(kind === 'missing'
      ? []
      : [
          {
            title: t('import.row'),
            dataIndex: 'source_row',
            width: 76,
            align: 'right' as const,
            render: count,
          },
        ]),
    {
      title: t(kind === 'changed' ? 'import.before_after' : 'import.values'),
      key: 'fields',
      className: 'wrap',
      render: (_, it) => (
        <Lines change={it} lines={linesOf(it.fields, titleOf, words)} area={areaText(it, language)} />
      ),
    },
  ];
  return (
    <>
      <div className="toolbar">
        <Segmented<ChangeKind>
          aria-label={t('import.filter_kind')}
          value={kind}
          onChange={(next) => {
            setChosen(null);
            setKind(next);
          }}
          options={kinds.map((value) => ({
            value,
            label: `${t(`import.kind.${value}`)} ${count(counts[value])}`,
          }))}
        />
        <span className="quiet">{t('import.unchanged_line', { rows: count(unchanged) })}</span>
      </div>
      {kind === 'missing' && counts.missing > 0 && (
        <Alert
          className="failure"
          type={removed > 0 ? 'warning' : 'info'}
          showIcon
          title={t(removed > 0 ? 'import.missing_go' : 'import.missing_stay')}
        />
      )}
      <LinkedRows<Change>
        shapeOf={shapeOf}
        columns={columns}
        rows={rows}
        list={listed}
        look={changeLook}
        titles={titles}
        shapes={shapes}
        shapesFailed={fetched.error ? { error: fetched.error, refetch: fetched.refetch } : null}
        shapesNote={
          found?.some((one) => one.next_after) ? t('import.shapes_cut', { rows: count(shapesAtOnce) }) : null
        }
        tree={spatial ? tree : null}
        into={report.into}
        chosen={chosen}
        onChoose={choose}
        empty={t(`import.no_change.${kind}`)}
        nameOf={(it) => it.key}
      />
    </>
  );
}

const kinds: ChangeKind[] = ['added', 'changed', 'missing'];
const shapeOf = (it: Change) => `${it.kind}.${it.nth}`;
const listed = (page: object) => ('changes' in page ? (page.changes as Change[]) : []);

type LinesProps = { change: Change; lines: ReturnType<typeof linesOf>; area: string | null };

function Lines({ change, lines, area }: LinesProps) {
  const { t } = useText();
  return (
    <ul className="changes">
      {lines.map((it) => (
        <li key={it.field}>
          <span className="member">{it.title}</span>
          {change.kind === 'changed' && (
            <>
              <del>{it.before ?? t('dossier.missing')}</del>
              <span aria-label={t('import.becomes')}> → </span>
            </>
          )}
          <ins>{(change.kind === 'missing' ? it.before : it.after) ?? t('dossier.missing')}</ins>
        </li>
      ))}
      {(area || changesShape(change.fields)) && (
        <li>
          <span className="member">{t('import.shape')}</span>
          {area
            ? t('import.shape_differs', { area })
            : t(change.changed_m2 === null ? 'import.shape_changed' : 'import.shape_same_ground')}
        </li>
      )}
    </ul>
  );
}
