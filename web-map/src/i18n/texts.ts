// What the screens say: a file per screen and language, `t('map.loading')` being `loading` of `map.json`.

type Texts = Record<string, unknown>;

const files = import.meta.glob<Texts>('./{zh,en}/*.json', { eager: true, import: 'default' });

function of(language: 'zh' | 'en'): Texts {
  const own = Object.entries(files).filter(([path]) => path.startsWith(`./${language}/`));
  return Object.fromEntries(own.map(([path, texts]) => [path.replace(/^.*\/|\.json$/g, ''), texts]));
}

export const zh = of('zh');
export const en = of('en');
