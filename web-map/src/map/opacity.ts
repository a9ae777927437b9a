/** Where a type of style layer says its opacity. */
export const opacityOf: Record<string, string[]> = {
  fill: ['fill-opacity'],
  line: ['line-opacity'],
  circle: ['circle-opacity', 'circle-stroke-opacity'],
  symbol: ['text-opacity', 'icon-opacity'],
};

/**
 * A style's opacity value times a factor. `zoom` may stand only at the top of an expression, so the
 * factor goes into the outputs of a top-level `interpolate` or `step` and around anything else.
 */
export function scaleOpacity(value: unknown, factor: number): unknown {
  if (typeof value === 'number') return Math.round(value * factor * 1000) / 1000;
  if (Array.isArray(value)) {
    const expression: unknown[] = value;
    // ["interpolate", how, input, stop, output, …] and ["step", input, output, stop, output, …]
    if (expression[0] === 'interpolate') {
      return expression.map((it, index) => (index >= 4 && index % 2 === 0 ? scaleOpacity(it, factor) : it));
    }
    if (expression[0] === 'step') {
      return expression.map((it, index) => (index >= 2 && index % 2 === 0 ? scaleOpacity(it, factor) : it));
    }
    return ['*', expression, factor];
  }
  return value;
}
