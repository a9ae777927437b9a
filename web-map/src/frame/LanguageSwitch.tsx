import { Segmented } from 'antd';
import type { Language } from '../format';
import { setLanguage, useText } from '../i18n';

export function LanguageSwitch() {
  const { t, language } = useText();
  return (
    <Segmented<Language>
      size="small"
      aria-label={t('language.label')}
      value={language}
      onChange={setLanguage}
      options={[
        { value: 'zh', label: t('language.zh') },
        { value: 'en', label: t('language.en') },
      ]}
    />
  );
}
