import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import type { Text } from '../api/schema';
import type { Language } from '../format';
import { en, zh } from './texts';

const storageKey = 'mutu-language';

function remembered(): Language {
  try {
    return localStorage.getItem(storageKey) === 'en' ? 'en' : 'zh';
  } catch {
    return 'zh';
  }
}

export const i18n = i18next.createInstance();

void i18n.use(initReactI18next).init({
  lng: remembered(),
  fallbackLng: 'zh',
  resources: { zh: { translation: zh }, en: { translation: en } },
  interpolation: { escapeValue: false },
  initAsync: false,
});

export function setLanguage(language: Language): void {
  try {
    localStorage.setItem(storageKey, language);
  } catch {
    // Private windows may refuse; the choice then lasts until the page is left.
  }
  void i18n.changeLanguage(language);
}

/** The translation function, the language, the server's bilingual texts in it, and several things in a row. */
export function useText() {
  const { t, i18n: current } = useTranslation();
  const language: Language = current.language === 'en' ? 'en' : 'zh';
  const own = (text: Text) => text[language] || text.zh;
  const list = (things: readonly string[]) => things.join(language === 'en' ? ', ' : '、');
  return { t, language, own, list };
}
