import { Alert, Button, Input, Modal, Tabs } from 'antd';
import { useState } from 'react';
import { explain } from '../../api/explain';
import { useSession } from '../../api/hooks';
import type { Layer, LayerTree } from '../../api/schema';
import { count } from '../../format';
import { useText } from '../../i18n';
import { ByDistance, ByList, ByUnit, type PartProps } from './ChooseBy';
import { findCodes } from './rows';
import { codesIn } from './store';
import { useChoose } from './use-choose';

type Props = { tree: LayerTree; subject: Layer; onClose: () => void };

/** Selecting without a pointer: by codes, by unit, by list, by distance. */
export function ChooseDialog({ tree, subject, onClose }: Props) {
  const { t } = useText();
  const session = useSession().data;
  return (
    <Modal open width={560} title={t('select.ask')} footer={null} onCancel={onClose}>
      <Tabs
        items={[
          {
            key: 'codes',
            label: t('select.by.codes'),
            children: <ByCodes subject={subject} onClose={onClose} />,
          },
          {
            key: 'unit',
            label: t('select.by.unit'),
            children: <ByUnit subject={subject} onClose={onClose} />,
          },
          ...(session?.account
            ? [
                {
                  key: 'list',
                  label: t('select.by.list'),
                  children: <ByList subject={subject} onClose={onClose} />,
                },
              ]
            : []),
          {
            key: 'around',
            label: t('select.by.around'),
            children: <ByDistance subject={subject} onClose={onClose} />,
          },
        ]}
      />
      <p className="quiet small">
        {t('select.of', { count: count(tree.layers.find((it) => it.id === subject.id)?.data.count) })}
      </p>
    </Modal>
  );
}

/** A pasted column of codes, and which of them there are not. */
function ByCodes({ subject, onClose }: PartProps) {
  const { t } = useText();
  const { take } = useChoose(subject);
  const [text, setText] = useState('');
  const [missing, setMissing] = useState<readonly string[]>([]);
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const codes = codesIn(text);
  const start = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const found = await findCodes(subject, codes);
      const known = new Set(found);
      const gone = codes.filter((it) => !known.has(it));
      setMissing(gone);
      take(found);
      if (gone.length === 0) onClose();
    } catch (error) {
      setFailure(explain(error, t));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="choose">
      <Input.TextArea
        autoFocus
        rows={8}
        value={text}
        placeholder={t('select.codes_example')}
        aria-label={t('select.by.codes')}
        onChange={(event) => {
          setText(event.target.value);
          setMissing([]);
        }}
      />
      {missing.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t('select.not_found', {
            missing: count(missing.length),
            found: count(codes.length - missing.length),
          })}
          description={
            <textarea
              readOnly
              className="missing-codes"
              aria-label={t('select.missing')}
              value={missing.join('\n')}
              rows={Math.min(6, missing.length)}
            />
          }
        />
      )}
      {failure && <Alert type="error" showIcon title={failure} />}
      <Button type="primary" loading={isBusy} disabled={codes.length === 0} onClick={() => void start()}>
        {t('select.find', { count: count(codes.length) })}
      </Button>
    </div>
  );
}
