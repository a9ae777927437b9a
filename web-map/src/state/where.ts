// Conditions that narrow the map, as parts of a link and back: `q=in,responsible_unit,<value>,…`, `q=range,<field>,<from>,<to>`,
// `q=cql,<layer>,<text>`. A comma in a value is `\,`, a backslash `\\`, a missing value `\N`. Pure. What is read is treated as
// hostile: a condition that is not exactly of this form is passed over, and whether a field exists is asked of the layers.

export type Condition =
  /** One of the values; null stands for a missing one. */
  | { kind: 'in'; field: string; values: readonly (string | null)[] }
  /** From and to, both included; one of them may be open. Decimal text, as figures of the register are. */
  | { kind: 'range'; field: string; from: string | null; to: string | null }
  /** CQL2 text over the fields of one layer. */
  | { kind: 'cql'; layer: string; text: string };

/** Every one of them has to hold. */
export type Where = readonly Condition[];

export const mostConditions = 12;
export const mostValues = 50;
/** More than anybody types; an address has to hold it, too. */
export const longestText = 1_000;
const longestValue = 64;

const name = /^[a-z][a-z0-9_]{0,62}$/;
const numberText = /^-?\d{1,15}(\.\d{1,9})?$/;
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f]/;

/** Digits as they are typed, or null; an exponent is not read. */
export function readNumber(text: string): string | null {
  const plain = text.trim();
  return numberText.test(plain) ? plain : null;
}

export function writeCondition(it: Condition): string {
  if (it.kind === 'in') return ['in', it.field, ...it.values.map(escaped)].join(',');
  if (it.kind === 'range') return ['range', it.field, it.from ?? '', it.to ?? ''].join(',');
  return `cql,${it.layer},${it.text}`;
}

export function readWhere(texts: readonly string[]): Condition[] {
  const found = new Map<string, Condition>();
  for (const text of texts.slice(0, 4 * mostConditions)) {
    const it = readCondition(text);
    if (it && found.size < mostConditions) found.set(writeCondition(it), it);
  }
  return [...found.values()];
}

function readCondition(text: string): Condition | null {
  const [kind, of, ...rest] = parts(text);
  if (!of || !name.test(of)) return null;
  if (kind === 'in') {
    const isSound = rest.every((it) => it === null || isValue(it));
    if (rest.length === 0 || rest.length > mostValues || !isSound) return null;
    return { kind, field: of, values: [...new Set(rest)] };
  }
  if (kind === 'range' && rest.length === 2) {
    const [from, to] = rest.map((it) =>
      it === null ? undefined : it === '' ? null : (readNumber(it) ?? undefined),
    );
    if (from === undefined || to === undefined || (from === null && to === null)) return null;
    if (from !== null && to !== null && Number(from) > Number(to)) return null;
    return { kind, field: of, from, to };
  }
  if (kind !== 'cql') return null;
  // A text has commas of its own.
  const said = text.slice(`cql,${of},`.length);
  return isText(said) && text.startsWith(`cql,${of},`) ? { kind, layer: of, text: said } : null;
}

/** What can be a value in a link. */
export function isValue(text: string): boolean {
  return text.length > 0 && text.length <= longestValue && !control.test(text);
}

/** What can be a typed condition. */
export function isText(text: string): boolean {
  return text.trim().length > 0 && text.length <= longestText && !control.test(text) && isWhole(text);
}

/** Brackets and quotes are closed, so that the text stays one term beside others. */
function isWhole(text: string): boolean {
  let depth = 0;
  const bare = text.replace(/'(?:[^']|'')*'/g, '').replace(/"[^"]*"/g, '');
  for (const letter of bare) {
    depth += letter === '(' ? 1 : letter === ')' ? -1 : 0;
    if (depth < 0) return false;
  }
  return depth === 0 && !/['"]/.test(bare);
}

const escaped = (it: string | null) => (it === null ? '\\N' : it.replace(/[\\,]/g, '\\$&'));

/** At commas without a backslash before them; `\N` alone is null. */
function parts(text: string): (string | null)[] {
  const found: (string | null)[] = [];
  let part = '';
  let isMissing = false;
  for (let at = 0; at <= text.length; at += 1) {
    const letter = text[at];
    if (letter === undefined || letter === ',') {
      found.push(isMissing && part === '' ? null : part);
      part = '';
      isMissing = false;
    } else if (letter === '\\') {
      at += 1;
      const next = text[at];
      if (next === 'N' && part === '') isMissing = true;
      else part += next ?? '\\';
    } else part += letter;
  }
  return found;
}
