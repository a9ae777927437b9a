// What an event changed, member by member, so that nobody has to compare two pieces of JSON. Pure.

export type Difference = { key: string; before: unknown; after: unknown };

const isRecord = (it: unknown): it is Record<string, unknown> =>
  typeof it === 'object' && it !== null && !Array.isArray(it);

const isValue = (it: unknown) => ['string', 'number', 'boolean'].includes(typeof it);

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/**
 * Only what differs; without a `before` everything that came, without an `after` everything that went. Where a single
 * value changed it has no key.
 */
export function differences(before: unknown, after: unknown): Difference[] {
  if (isValue(before) || isValue(after)) return [{ key: '', before: before ?? null, after: after ?? null }];
  const [old, now] = [isRecord(before) ? before : {}, isRecord(after) ? after : {}];
  const whole = !isRecord(before) || !isRecord(after);
  const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return keys
    .filter((key) => !same(old[key] ?? null, now[key] ?? null))
    .filter((key) => !whole || (old[key] ?? now[key]) !== false)
    .map((key) => ({ key, before: old[key] ?? null, after: now[key] ?? null }));
}

export type Fact = { key: string; value: unknown };

/** The members of an event's detail, without those that say nothing. */
export function facts(detail: unknown): Fact[] {
  if (!isRecord(detail)) return [];
  return Object.entries(detail)
    .filter(
      ([, value]) =>
        value !== null && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0),
    )
    .map(([key, value]) => ({ key, value }));
}

export type Words = { yes: string; no: string; none: string; comma: string; title: (key: string) => string };

/** A value in one line; of counts and the like those that are nothing are left out. */
export function inWords(value: unknown, words: Words): string {
  if (value === null || value === undefined || value === '') return words.none;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (Array.isArray(value)) {
    return value.length === 0 ? words.none : value.map((it) => inWords(it, words)).join(words.comma);
  }
  if (!isRecord(value)) return String(value);
  const said = facts(value).filter((it) => it.value !== 0);
  return (
    said.map((it) => `${words.title(it.key)} ${inWords(it.value, words)}`).join(words.comma) || words.none
  );
}
