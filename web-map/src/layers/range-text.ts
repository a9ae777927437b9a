// What a class of a figure is called, by its bounds. Pure.
import type { TFunction } from 'i18next';

/** Of class `nth`; `tell` says a bound, with its unit or without. */
export function rangeText(
  bounds: readonly number[],
  nth: number,
  tell: (value: number) => string,
  t: TFunction,
): string {
  const [from, to] = [bounds[nth - 1], bounds[nth]];
  if (from === undefined) return to === undefined ? t('theme.all') : t('theme.below', { to: tell(to) });
  return to === undefined ? t('theme.above', { from: tell(from) }) : `${plain(tell(from))} – ${tell(to)}`;
}

/** `2 万元/亩 – 5 万元/亩` says the unit once. */
const plain = (text: string) => text.split(' ')[0] ?? text;
