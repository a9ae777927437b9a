import { Alert, Button, Input, Modal } from 'antd';
import { useState } from 'react';
import { Problem } from '../api/client';
import { explain } from '../api/explain';
import { noteEvent, useWorkflow, type CaseSheet, type OpenStep } from '../api/lists';
import type { Text } from '../api/schema';
import { decimal } from '../format';
import type { OnDone } from './CaseDrawer';
import { columns } from './columns';
import { mayStepBack, turnOfStep } from './reverse';
import { headingOf, type Say } from './show';
import { remember } from './store';

/** Steps that undo something: they take a reason, and are not the way on. */
const back = new Set(['reject', 'return', 'revoke', 'remove', 'hold']);

type Props = {
  of: CaseSheet;
  say: Say;
  /** Answers for all units: returns are theirs. */
  isDistrict: boolean;
  onDone: OnDone;
  onBefore: () => Promise<void>;
};

export function StepButtons({ of, say, isDistrict, onDone, onBefore }: Props) {
  const { own } = say;
  const [asked, setAsked] = useState<OpenStep | null>(null);
  return (
    <div className="case-steps">
      {of.steps.map((it) => (
        <Button
          key={it.id}
          size="small"
          {...(back.has(it.id) ? {} : { type: 'primary' as const })}
          onClick={() => void onBefore().then(() => setAsked(it))}
        >
          {own(it.title)}
        </Button>
      ))}
      {asked && (
        <StepDialog
          of={of}
          step={asked}
          say={say}
          isDistrict={isDistrict}
          onDone={onDone}
          onClose={() => setAsked(null)}
        />
      )}
    </div>
  );
}

type DialogProps = {
  of: CaseSheet;
  step: OpenStep;
  say: Say;
  isDistrict: boolean;
  onDone: OnDone;
  onClose: () => void;
};

/** Asks what the step needs, and says what stands in its way. */
function StepDialog({ of, step, say, isDistrict, onDone, onClose }: DialogProps) {
  const { t, own } = say;
  const [reason, setReason] = useState('');
  const [document, setDocument] = useState('');
  const [on, setOn] = useState('');
  const [failure, setFailure] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const steps = useWorkflow().data?.steps ?? [];
  const back = mayStepBack(step.id, of.case, isDistrict);
  const backTitle = steps.find((it) => it.id === back)?.title;
  const stopped = failure instanceof Problem && /conform/.test(failure.kind ?? '');
  const take = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const event = {
        kind: 'transition' as const,
        step: step.id,
        ...(reason.trim() ? { reason: reason.trim() } : {}),
        ...(document.trim() ? { document: document.trim() } : {}),
        ...(on ? { on } : {}),
      };
      const noted = await noteEvent(of.case, event);
      const label = `${own(step.title)} ${of.case.case_code}`;
      if (back !== null) {
        remember(label, [turnOfStep(of.case, noted.case, event, t('lists.undo_reason', { label }))]);
      }
      await onDone(noted.case);
      onClose();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={own(step.title)}
      okText={own(step.title)}
      okButtonProps={{ loading: isBusy, disabled: step.reason && reason.trim() === '' }}
      onOk={() => void take()}
      onCancel={onClose}
    >
      <div className="stacked">
        {step.reason && (
          <Input.TextArea
            autoFocus
            rows={2}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            placeholder={t('lists.reason')}
            aria-label={t('lists.reason')}
          />
        )}
        <label>
          {t('lists.on_day')}
          <Input type="date" value={on} onChange={(event) => setOn(event.target.value)} />
        </label>
        <p className="quiet">
          {backTitle ? t('lists.may_undo', { step: own(backTitle) }) : t('lists.no_undo')}
        </p>
        {failure !== null && (
          <Alert
            type="error"
            showIcon
            title={explain(failure, t)}
            description={<Hindrances of={failure} say={say} />}
          />
        )}
        {stopped && (
          <Input
            value={document}
            maxLength={2000}
            onChange={(event) => setDocument(event.target.value)}
            placeholder={t('lists.document')}
            aria-label={t('lists.document')}
          />
        )}
      </div>
    </Modal>
  );
}

type Ground = { title: Text; verdict: string; area_m2: string | null };

/** What the server said is missing, or on which red line the land lies. */
function Hindrances({ of, say }: { of: unknown; say: Say }) {
  const { t, own } = say;
  if (!(of instanceof Problem)) return null;
  const { missing, conformity } = of.members as { missing?: unknown; conformity?: { grounds?: Ground[] } };
  const grounds = (conformity?.grounds ?? []).filter((it) => it.verdict !== 'pass');
  return (
    <ul className="reasons">
      {Array.isArray(missing) &&
        missing.map((it: unknown) => {
          const column = columns.find((one) => one.id === it);
          return <li key={String(it)}>{column ? headingOf(column, say) : String(it)}</li>;
        })}
      {grounds.map((it) => (
        <li key={it.title.zh}>
          {own(it.title)}：{t(`lists.ground.${it.verdict}`, { m2: decimal(it.area_m2, 2) })}
        </li>
      ))}
    </ul>
  );
}
