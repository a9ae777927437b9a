import { Select } from 'antd';
import type { Layer } from '../api/schema';
import { useStats } from '../api/stats';
import { useText } from '../i18n';
import type { ThemeView } from '../state/url';
import { useView } from '../state/view';

/** Classes of some units only: their parcels alone are in the histogram, the breaks and on the map. */
export function ThemeUnits({ layer, theme }: { layer: Layer; theme: ThemeView }) {
  const { t } = useText();
  const { setClasses } = useView();
  const isKnown = layer.fields.some((it) => it.name === 'responsible_unit' && it.readable);
  const found = useStats(isKnown ? { layer: layer.id, group_by: ['responsible_unit'] } : null);
  if (!isKnown) return null;
  const units = (found.data?.groups ?? []).flatMap((it) => {
    const unit = it.key['responsible_unit'];
    return typeof unit === 'string' ? [unit] : [];
  });
  return (
    <div className="theme-line">
      <Select
        size="small"
        mode="multiple"
        className="units-select"
        maxTagCount="responsive"
        aria-label={t('theme.units')}
        placeholder={t('theme.all_units')}
        value={[...theme.units]}
        options={units.map((value) => ({ value, label: value }))}
        onChange={(to) =>
          setClasses({ ...theme, units: to, ...(theme.method === 'manual' ? {} : { bounds: null }) })
        }
      />
    </div>
  );
}
