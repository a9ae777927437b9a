import { Alert, Button, Skeleton } from 'antd';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { explain } from '../api/explain';
import { useChecks, useList, useWorkflow } from '../api/lists';
import type { Session, Text } from '../api/schema';
import { useText } from '../i18n';
import type { Range } from './block';
import { CaseDrawer } from './CaseDrawer';
import { Grid } from './Grid';
import type { Marks } from './GridRow';
import { ListHead } from './ListHead';
import { noNarrowing, picked, type Narrowing } from './narrow';
import { shownRow } from './sheet';
import { SidePanel } from './SidePanel';
import { StatusLine } from './StatusLine';
import { openList, useStore } from './store';
import { Toolbar } from './Toolbar';

type Props = {
  listId: number;
  caseCode: string | null;
  session: Session;
  onCase: (code: string | null) => void;
  onRegister: () => void;
};

const start: Range = { anchor: { row: 0, col: 2 }, active: { row: 0, col: 2 } };

/** One list: its table, what is wrong with it, where the row is, and the case that is open. */
export function ListScreen({ listId, caseCode, session, onCase, onRegister }: Props) {
  const { t, language } = useText();
  const list = useList(listId);
  const ways = useWorkflow().data?.paths;
  const checks = useChecks(listId, true);
  const { sheet } = useStore();
  const [range, setRange] = useState(start);
  const [narrowing, setNarrowing] = useState<Narrowing>(noNarrowing);
  const [said, setSaid] = useState('');

  useEffect(() => openList(listId), [listId]);
  const isFixed = list.data?.state === 'closed';
  useEffect(() => useStore.setState({ isFixed }), [isFixed]);

  // The same as long as the language is: rows are drawn again when it changes.
  const say = useMemo(
    () => ({ t, own: (text: Text) => text[language] || text.zh, language, ways: ways ?? [] }),
    [t, language, ways],
  );
  const rowOf = useCallback((code: string) => shownRow(sheet, code), [sheet]);
  const findings = checks.data?.findings;
  const marks = useMemo(() => {
    const all = new Map<string, Marks>();
    const of = (code: string) => {
      const found = all.get(code) ?? { conflicts: [], refusals: [], findings: [] };
      all.set(code, found);
      return found as { [It in keyof Marks]: Marks[It][number][] };
    };
    sheet.conflicts.forEach((it) => of(it.code).conflicts.push(it));
    sheet.refusals.forEach((it) => of(it.code).refusals.push(it));
    findings?.forEach((it) => of(it.case_code).findings.push(it));
    return all;
  }, [sheet.conflicts, sheet.refusals, findings]);
  const codes = useMemo(() => picked(sheet, narrowing, marks), [sheet, narrowing, marks]);
  const shown = useMemo(() => within(range, codes.length), [range, codes.length]);
  const goTo = (code: string) => {
    const at = codes.indexOf(code);
    if (at >= 0) setRange({ anchor: { row: at, col: 2 }, active: { row: at, col: 2 } });
    else setNarrowing(noNarrowing);
  };
  const current = codes[shown.active.row] ?? null;

  if (list.isPending || !ways) return <Skeleton active className="padded" />;
  if (list.isError) {
    return (
      <section className="card page-note">
        <Alert type="error" showIcon title={explain(list.error, t)} />
        <p />
        <Button onClick={onRegister}>{t('lists.to_register')}</Button>
      </section>
    );
  }
  return (
    <main className="list-screen">
      <ListHead list={list.data} session={session} onRegister={onRegister} />
      <Toolbar
        list={list.data}
        say={say}
        narrowing={narrowing}
        onNarrow={setNarrowing}
        findings={findings ?? []}
        codes={codes}
        range={shown}
        onOpen={onCase}
        onSay={setSaid}
      />
      <div className="list-body">
        <div className="list-table">
          <Grid
            codes={codes}
            rowOf={rowOf}
            marks={marks}
            say={say}
            range={shown}
            onRange={setRange}
            onOpen={onCase}
            onSay={setSaid}
          />
          <StatusLine said={said} codes={codes} range={shown} rowOf={rowOf} listId={listId} />
        </div>
        <SidePanel
          listId={listId}
          current={current === null ? null : (rowOf(current) ?? null)}
          findings={findings ?? []}
          say={say}
          onGo={goTo}
        />
      </div>
      <CaseDrawer
        code={caseCode}
        list={list.data}
        say={say}
        isDistrict={session.responsible_units === null}
        onClose={() => onCase(null)}
      />
    </main>
  );
}

/** Rows may have gone since the range was drawn. */
function within(range: Range, rows: number): Range {
  const last = Math.max(0, rows - 1);
  if (range.anchor.row <= last && range.active.row <= last) return range;
  const bound = (it: Range['active']) => ({ ...it, row: Math.min(last, it.row) });
  return { anchor: bound(range.anchor), active: bound(range.active) };
}
