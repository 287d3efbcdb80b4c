/** Values inside a script, before anybody has said what its variables and expressions hold. */
import type { Word, WordPart } from '../../../workflow/scripts';
import type { Origin } from './types';

export type Value = { readonly flat: boolean } & (
  /** Of the environment. */
  | { readonly kind: 'variable'; readonly name: string }
  /** A `${{ }}` at this offset. */
  | { readonly kind: 'expression'; readonly start: number }
  | { readonly kind: 'github'; readonly path: readonly string[] }
  | { readonly kind: 'origin'; readonly origin: Origin }
  /** Contents of a file of the workspace. */
  | { readonly kind: 'file'; readonly name: string });

export type Values = readonly Value[];
export const NOTHING: Values = [];

/** As many as are told apart: what holds more is tainted anyway. */
const MAX_VALUES = 12;

export function union(...lists: readonly Values[]): Values {
  const all = lists.flat();
  if (all.length < 2) return all;
  const seen = new Map<string, Value>();
  for (const value of all) {
    const key = JSON.stringify({ ...value, flat: false });
    const known = seen.get(key);
    if (!known || (known.flat && !value.flat)) seen.set(key, value);
    if (seen.size >= MAX_VALUES) break;
  }
  return [...seen.values()];
}

export function flat(values: Values): Values {
  return values.map(v => v.flat ? v : { ...v, flat: true });
}

/** Variables that a runner sets and an outsider writes. */
const GIVEN: Readonly<Record<string, readonly string[]>> = { GITHUB_HEAD_REF: ['github', 'head_ref'] };

/** Variables of a script and of its environment, as far as the script has gone. */
export class Variables {
  readonly #set = new Map<string, Values>();
  constructor(private readonly text: string, private readonly validated: ReadonlySet<string>) {}

  get(name: string): Values {
    const plain = name.replace(/^(?:env|script|global|local):/i, '');
    if (this.validated.has(plain)) return NOTHING;
    const known = this.#set.get(plain);
    if (known) return known;
    const given = GIVEN[plain];
    if (given) return [{ kind: 'github', path: given, flat: true }];
    return /^[A-Za-z_]\w*$/.test(plain) ? [{ kind: 'variable', name: plain, flat: false }] : NOTHING;
  }

  /** `certain`: it replaces what was there; a branch that need not be taken adds to it. */
  set(name: string, values: Values, certain: boolean): void {
    const plain = name.replace(/^(?:env|script|global|local):/i, '');
    this.#set.set(plain, certain ? values : union(this.get(plain), values));
  }

  word(word: Word, run: (part: WordPart & { kind: 'substitution' }) => Values): Values {
    return this.parts(word.parts, run);
  }

  parts(parts: readonly WordPart[], run: (part: WordPart & { kind: 'substitution' }) => Values): Values {
    const found: Values[] = [];
    for (const part of parts) {
      switch (part.kind) {
        case 'expression': found.push([{ kind: 'expression', start: part.start, flat: false }]); break;
        case 'single': case 'double': {
          if (part.kind === 'double') found.push(this.parts(part.parts, run));
          // An expression inside single quotes is no part of its own.
          else if (part.value === undefined) {
            for (let at = this.text.indexOf('${{', part.start); at >= 0 && at < part.end; at = this.text.indexOf('${{', at + 3)) found.push([{ kind: 'expression', start: at, flat: false }]);
          }
          break;
        }
        case 'parameter': found.push(this.#parameter(part, run)); break;
        case 'substitution': found.push(run(part)); break;
        case 'array': found.push(...part.words.map(w => this.word(w, run))); break;
        case 'text': case 'arithmetic': break;
      }
    }
    return found.length === 1 ? found[0]! : union(...found);
  }

  #parameter(part: WordPart & { kind: 'parameter' }, run: (part: WordPart & { kind: 'substitution' }) => Values): Values {
    const source = this.text.slice(part.start, part.end);
    if (source.startsWith('${#')) return NOTHING;
    if (part.simple) return this.get(part.name);
    // A length, a test for being set, or every character replaced that is not of a list.
    if (/^\$\{[^:/%#^,@]*:?\+|\/\/?\[[\^!]|@Q\}$/.test(source)) return this.parts(/:?\+/.test(source) ? part.parts : [], run);
    const values = union(this.get(part.name), this.parts(part.parts, run));
    return /\/\/\$'\\n'|%%?\$'\\n'/.test(source) ? flat(values) : values;
  }
}
