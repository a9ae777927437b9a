import { Select } from 'antd';
import type { ImportTarget } from '../api/schema';
import { useText } from '../i18n';

type Props = {
  id?: string;
  targets: readonly ImportTarget[];
  value: string | null;
  loading?: boolean;
  onChange: (id: string) => void;
};

/** Where a file goes. Found by its title in either language and by its id. */
export function TargetSelect({ id, targets, value, loading = false, onChange }: Props) {
  const { t, own } = useText();
  const group = (of: ImportTarget['group']) => ({
    label: t(`import.group.${of}`),
    title: of,
    options: targets
      .filter((it) => it.group === of)
      .map((it) => ({
        value: it.id,
        label: own(it.title),
        words: `${it.title.zh} ${it.title.en} ${it.id}`.toLowerCase(),
        about: own(it.about),
      })),
  });
  return (
    <Select<string>
      {...(id === undefined ? {} : { id })}
      className="target-select"
      aria-label={t('import.into')}
      showSearch={{
        filterOption: (typed, it) =>
          'words' in (it ?? {}) && String((it as { words: string }).words).includes(typed.toLowerCase()),
      }}
      loading={loading}
      placeholder={t('import.into_choose')}
      value={value}
      onChange={onChange}
      options={[group('layer'), group('table')]}
      optionRender={(it) => (
        <span className="target-option">
          <span>{it.label}</span>
          <span className="quiet">{String(it.value)}</span>
        </span>
      )}
    />
  );
}
