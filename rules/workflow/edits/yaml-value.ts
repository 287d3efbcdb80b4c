import { deref, type YamlNode } from '../nodes';

/** Text that is printed as a literal block (`|`) where the place allows it. */
export class Literal {
  readonly #brand = true;
  constructor(readonly text: string) {}
  static is(value: unknown): value is Literal { return typeof value === 'object' && value !== null && #brand in value; }
}

/** YAML source, indented by two spaces per level (lists too), that is printed as it is, at the indentation of the place. */
export class Raw {
  readonly #brand = true;
  constructor(readonly text: string) {}
  static is(value: unknown): value is Raw { return typeof value === 'object' && value !== null && #brand in value; }
}

/** A value that is printed on one line (`[a, b]`). */
export class Flow {
  readonly #brand = true;
  constructor(readonly value: YamlValue) {}
  static is(value: unknown): value is Flow { return typeof value === 'object' && value !== null && #brand in value; }
}

/** What can be written. Strings are quoted as they need it; strings of several lines become literal blocks. */
export type YamlValue = string | number | boolean | null | Literal | Raw | Flow | readonly YamlValue[] | YamlMap;
export interface YamlMap { readonly [key: string]: YamlValue }

export const literal = (text: string): Literal => new Literal(text);
export const raw = (text: string): Raw => new Raw(text);
export const flow = (value: YamlValue): Flow => new Flow(value);

export function isList(value: YamlValue): value is readonly YamlValue[] { return Array.isArray(value); }
export function isMap(value: YamlValue): value is YamlMap {
  return typeof value === 'object' && value !== null && !isList(value) && !Literal.is(value) && !Raw.is(value) && !Flow.is(value);
}

/** Whether a node already says `value`. `source` is the node's own text, which is what a `Raw` is compared with. */
export function says(node: YamlNode | null, value: YamlValue, source: string): boolean {
  if (Raw.is(value)) return source.trim() === value.text.trim();
  if (Flow.is(value)) return says(node, value.value, source);
  const text = Literal.is(value) ? value.text : value;
  // An alias that happens to say the same today says something else tomorrow, so only what stands here counts.
  if (node?.kind === 'alias') return false;
  const n = deref(node);
  if (text === null) return n === null || (n.kind === 'scalar' && n.type === 'null');
  if (typeof text === 'string') return n?.kind === 'scalar' && n.type === 'string' && n.value === text;
  if (typeof text === 'number') return n?.kind === 'scalar' && n.type === 'number' && Number(n.value) === text;
  if (typeof text === 'boolean') return n?.kind === 'scalar' && n.type === 'boolean' && (n.value.toLowerCase() === 'true') === text;
  if (isList(text)) {
    return n?.kind === 'sequence' && n.items.length === text.length && n.items.every((item, i) => saysPart(item.value, text[i]!));
  }
  if (!isMap(text) || n?.kind !== 'mapping') return false;
  const keys = Object.keys(text);
  return n.entries.length === keys.length
    && n.entries.every((e, i) => e.key.value === keys[i] && saysPart(e.value, text[e.key.value]!));
}

function saysPart(node: YamlNode | null, value: YamlValue): boolean {
  return says(node, value, node ? node.block.text.slice(node.start, node.end) : '');
}
