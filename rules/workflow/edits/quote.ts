/** How strings are written in YAML so that every reader, 1.1 or 1.2, takes them for strings. */

/** What YAML 1.2's core schema does not read as a string. */
const CORE_TYPED = /^(?:~|null|true|false|[-+]?(?:\.inf|(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?)|\.nan|0o[0-7]+|0x[\da-f]+)$/i;
/** What YAML 1.1 readers would take for a boolean, a binary or sexagesimal number, a merge key. */
const OLD_TYPED = /^(?:y|n|yes|no|on|off|0b[01_]+|0x[\da-f_]+|[-+]?\d[\d_]*(?::[0-5]?\d)+|<<|=)$/i;
/** Characters that YAML does not print, or that break a line. */
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Surrogate}/u;

function isPlain(value: string, flow: boolean): boolean {
  if (value === '' || value.trim() !== value || UNPRINTABLE.test(value)) return false;
  if (/^[,[\]{}#&*!|>'"%@`?:]/.test(value) || /^-(?:\s|$|[,[\]{}])/.test(value)) return false;
  if (value.startsWith('---') || value.startsWith('...')) return false;
  if (value.includes(': ') || value.includes(' #') || value.endsWith(':')) return false;
  return !flow || !/[,[\]{}]/.test(value);
}

/** `value` between double quotes. Never spans lines. */
export function doubleQuoted(value: string): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
}

/** `value` between single quotes; between double quotes where single ones can't hold it. */
export function singleQuoted(value: string): string {
  return UNPRINTABLE.test(value) ? doubleQuoted(value) : `'${value.replaceAll('\'', '\'\'')}'`;
}

function quoted(value: string): string {
  return value.includes('\'') && !/["\\]/.test(value) ? doubleQuoted(value) : singleQuoted(value);
}

/**
 * A string as a YAML scalar on one line: as it is where it is read back as the same string, in quotes otherwise.
 * `flow`: it will stand inside `[]` or `{}`.
 */
export function quoteIfNeeded(value: string, { flow = false }: { readonly flow?: boolean } = {}): string {
  return isPlain(value, flow) && !CORE_TYPED.test(value) && !OLD_TYPED.test(value) ? value : quoted(value);
}

/** A mapping key. `on` stays plain, as workflows have it. */
export function quoteKey(key: string, flow = false): string {
  return isPlain(key, flow) && !CORE_TYPED.test(key) && key !== '<<' && key.length < 1000 ? key : quoted(key);
}
