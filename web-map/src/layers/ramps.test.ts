import { expect, it } from 'vitest';
import { coloursOf, ramps } from './ramps';

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => {
    const it = parseInt(colour.slice(from, from + 2), 16) / 255;
    return it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

it('gets darker with every class, so that it reads in grey, too', () => {
  for (const name of Object.keys(ramps)) {
    for (const classes of [2, 3, 5, 7, 9]) {
      const light = coloursOf(name, classes).map(luminance);
      light.slice(1).forEach((it, nth) => expect(it, `${name} ${classes}`).toBeLessThan(light[nth] ?? 0));
    }
  }
});

it('turns around, and never fails on a name that is none', () => {
  expect(coloursOf('greens-r', 3)).toEqual(coloursOf('greens', 3).reverse());
  expect(coloursOf('constructor', 4)).toHaveLength(4);
  expect(coloursOf('nosuch', 4)).toEqual(coloursOf('ylgnbu', 4));
});
