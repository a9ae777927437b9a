// What figures before and after come to. Pure; decimals stay strings until they are shown.
import type { Distance, Parameter, PreviewFigures, RuleChanges } from '../api/schema';

/** The difference of two decimals, exact; null where one is missing. */
export function difference(before: string | null, after: string | null): string | null {
  if (before === null || after === null) return null;
  const places = Math.max(fraction(before), fraction(after));
  const sum = steps(after, places) - steps(before, places);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(places + 1, '0');
  const whole = places > 0 ? digits.slice(0, -places) : digits;
  const rest = places > 0 ? digits.slice(-places).replace(/0+$/, '') : '';
  return `${sum < 0n ? '-' : ''}${whole}${rest ? `.${rest}` : ''}`;
}

function fraction(text: string): number {
  return text.split('.')[1]?.length ?? 0;
}

function steps(text: string, places: number): bigint {
  const [whole = '0', rest = ''] = text.replace('-', '').split('.');
  const value = BigInt(whole + rest.padEnd(places, '0'));
  return text.startsWith('-') ? -value : value;
}

/** How much of a target is reached, 0 to 1. */
export function progress(target: Distance): number {
  const quantity = Number(target.quantity);
  if (!(quantity > 0)) return 1;
  return Math.min(1, Math.max(0, Number(target.reached) / quantity));
}

/** Whether something is still missing to a target. */
export const isShort = (target: Distance) => !target.gap.startsWith('-') && Number(target.gap) > 0;

/** Only what differs from the rule set is a change. */
export function changesOf(
  parameters: readonly Parameter[],
  values: Readonly<Record<string, string>>,
  dropped: ReadonlySet<string>,
): RuleChanges {
  const changed: RuleChanges['parameters'] = {};
  for (const it of parameters) {
    const value = values[it.id];
    if (value !== undefined && value !== it.value)
      changed[it.id] = it.kind === 'boolean' ? value === 'true' : value;
  }
  return { parameters: changed, rules: Object.fromEntries([...dropped].map((id) => [id, null])) };
}

/** A step that makes about a hundred of a slider's range. */
export function stepOf(it: Parameter): number {
  const range = Number(it.max ?? 100) - Number(it.min ?? 0);
  const steps = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 50];
  return steps.find((step) => range / step <= 200) ?? 100;
}

export const hasFigures = (it: PreviewFigures) => it.parcels > 0;
