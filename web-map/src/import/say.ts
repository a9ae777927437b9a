// Sentences that the server writes in both languages, "中文 / English". Pure.
import type { Language } from '../format';

const chinese = /[\u3400-\u9fff]/;

/**
 * The half in the reader's language, line by line; the whole line wherever it is not plain which half that is: a value out
 * of the file may have a stroke or Chinese characters of its own.
 */
export function inLanguage(text: string, language: Language): string {
  return text
    .split('\n')
    .map((line) => {
      const [zh, en, ...more] = line.split(' / ');
      if (zh === undefined || en === undefined || more.length > 0) return line;
      if (!chinese.test(zh) || chinese.test(en)) return line;
      return language === 'zh' ? zh : en;
    })
    .join('\n');
}
