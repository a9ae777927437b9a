// Exact sums of decimals that stay strings, so that the foot of a table is the server's total to the last digit. Pure.

/** The sum of those that are there; `0` of none. */
export function sum(values: Iterable<string | null | undefined>): string {
  const known = [...values].filter((it): it is string => it !== null && it !== undefined && it !== '');
  const places = known.reduce((most, it) => Math.max(most, it.split('.')[1]?.length ?? 0), 0);
  return text(
    known.reduce((all, it) => all + steps(it, places), 0n),
    places,
  );
}

/** `a` − `b`. */
export function minus(a: string, b: string): string {
  return sum([a, b.startsWith('-') ? b.slice(1) : `-${b}`]);
}

/** Without zeros that say nothing: `010.50` becomes `10.5`. */
export function canonical(value: string): string {
  return sum([value]);
}

export function isZero(value: string): boolean {
  return canonical(value) === '0';
}

function steps(value: string, places: number): bigint {
  const [whole = '0', rest = ''] = value.replace('-', '').split('.');
  const digits = BigInt((whole || '0') + rest.padEnd(places, '0'));
  return value.startsWith('-') ? -digits : digits;
}

function text(value: bigint, places: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0');
  const whole = places > 0 ? digits.slice(0, -places) : digits;
  const rest = places > 0 ? digits.slice(-places).replace(/0+$/, '') : '';
  const sign = value < 0n ? '-' : '';
  return `${sign}${whole}${rest ? `.${rest}` : ''}`;
}
