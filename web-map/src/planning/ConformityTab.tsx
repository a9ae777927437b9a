import { Segmented } from 'antd';
import { useState } from 'react';
import { useText } from '../i18n';
import { CodesCheck } from './CodesCheck';
import { DrawnCheck } from './DrawnCheck';

type Way = 'codes' | 'drawn';

/** Whether land conforms, as it is or as somebody proposes: parcels by their codes, or any shape that is drawn. */
export function ConformityTab({ code }: { code: string | null }) {
  const { t } = useText();
  const [way, setWay] = useState<Way>('codes');
  return (
    <>
      <Segmented<Way>
        className="planning-way"
        aria-label={t('planning.way')}
        value={way}
        onChange={setWay}
        options={[
          { value: 'codes', label: t('planning.by_codes') },
          { value: 'drawn', label: t('planning.by_drawing') },
        ]}
      />
      {way === 'codes' ? <CodesCheck code={code} /> : <DrawnCheck />}
    </>
  );
}
