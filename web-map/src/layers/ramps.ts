// Colours for classes in order: ColorBrewer's sequential ramps and Cividis, which people with any kind of colour
// blindness and black-and-white copiers tell apart by lightness alone. Pure.

/** From light to dark, seven each; fewer classes take theirs evenly. */
export const ramps: Readonly<Record<string, readonly string[]>> = {
  ylgnbu: ['#ffffcc', '#c7e9b4', '#7fcdbb', '#41b6c4', '#1d91c0', '#225ea8', '#0c2c84'],
  ylorbr: ['#ffffd4', '#fee391', '#fec44f', '#fe9929', '#ec7014', '#cc4c02', '#8c2d04'],
  purd: ['#f1eef6', '#d4b9da', '#c994c7', '#df65b0', '#e7298a', '#ce1256', '#91003f'],
  greens: ['#edf8e9', '#c7e9c0', '#a1d99b', '#74c476', '#41ab5d', '#238b45', '#005a32'],
  cividis: ['#fee838', '#d4c159', '#aea06d', '#8a8279', '#6a6a74', '#414d6b', '#00224e'],
};

export const firstRamp = 'ylgnbu';
export const missingColour = '#b9bec3';

/** `ylgnbu-r` is the ramp from dark to light. An unknown name is the first ramp. */
export function coloursOf(name: string, classes: number): string[] {
  const reversed = name.endsWith('-r');
  const key = name.replace(/-r$/, '');
  const ramp = (Object.hasOwn(ramps, key) ? ramps[key] : undefined) ?? ramps[firstRamp] ?? [];
  const colours = Array.from({ length: classes }, (_, nth) =>
    at(ramp, classes < 2 ? 0.5 : nth / (classes - 1)),
  );
  return reversed ? colours.reverse() : colours;
}

function at(ramp: readonly string[], place: number): string {
  const index = place * (ramp.length - 1);
  const [low, high] = [ramp[Math.floor(index)] ?? '#000000', ramp[Math.ceil(index)] ?? '#000000'];
  const part = index - Math.floor(index);
  const mixed = [1, 3, 5].map((from) => {
    const [a, b] = [low, high].map((it) => parseInt(it.slice(from, from + 2), 16));
    return Math.round((a ?? 0) + ((b ?? 0) - (a ?? 0)) * part);
  });
  return `#${mixed.map((it) => it.toString(16).padStart(2, '0')).join('')}`;
}
