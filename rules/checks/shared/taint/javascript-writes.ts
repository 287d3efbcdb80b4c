/** What a script of actions/github-script gives to later steps: outputs, variables, its result. Read by simple assignments alone. */
import { expressionsIn } from '../../../workflow/expressions';
import type { Value, Values } from './script-state';
import { flat, NOTHING, union } from './script-state';
import type { RunnerFile } from './script-writes';
import { unshared } from '../../../workflow/unshared';

export interface JavascriptWrite {
  readonly file: RunnerFile;
  readonly name?: string;
  readonly values: Values;
  readonly start: number;
  readonly end: number;
}

/** Longer scripts are programs of their own. */
const MAX_LENGTH = 50_000;
const MAX_CALL = 600;

const kept = new Map<string, readonly JavascriptWrite[]>();
/** While a long script is typed, each of its versions is kept for a while. */
const MAX_KEPT_CHARACTERS = 300_000;
let keptCharacters = 0;

/** `core.setOutput`, `core.exportVariable`, `core.addPath`, and `return`, which is the output `result`. */
export function javascriptWrites(text: string): readonly JavascriptWrite[] {
  if (text.length > MAX_LENGTH || !/setOutput|exportVariable|addPath|\breturn\b/.test(text)) return [];
  let writes = kept.get(text);
  if (!writes) {
    const own = unshared(text);
    if (keptCharacters + own.length > MAX_KEPT_CHARACTERS) {
      kept.clear();
      keptCharacters = 0;
    }
    keptCharacters += own.length;
    kept.set(own, writes = read(own));
  }
  return writes;
}

const FILES: Readonly<Record<string, RunnerFile>> = { setOutput: 'output', exportVariable: 'env', addPath: 'path' };

function read(text: string): readonly JavascriptWrite[] {
  const names = new Map<string, Values>();
  for (const match of text.matchAll(/\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=\s*([^;\n]{1,400})/g)) {
    names.set(match[1]!, valuesOf(match[2]!, match.index + match[0].length - match[2]!.length, names));
  }
  const writes: JavascriptWrite[] = [];
  for (const match of text.matchAll(/\bcore\s*\.\s*(setOutput|exportVariable|addPath)\s*\(/g)) {
    const start = match.index, open = start + match[0].length, end = closing(text, open);
    if (end === undefined) continue;
    const file = FILES[match[1]!]!;
    const name = /^\s*(['"`])([\w.-]+)\1\s*,/.exec(text.slice(open, Math.min(open + 100, end)));
    if (file !== 'path' && !name) continue;
    const from = open + (name?.[0].length ?? 0);
    writes.push({ file, name: name?.[2], values: valuesOf(text.slice(from, end), from, names), start, end: end + 1 });
  }
  for (const match of text.matchAll(/^[ ]{0,3}return[ \t]+([^;\n]{1,400})/gm)) {
    const from = match.index + match[0].length - match[1]!.length;
    writes.push({ file: 'output', name: 'result', values: valuesOf(match[1]!, from, names), start: from, end: from + match[1]!.trimEnd().length });
  }
  return writes;
}

/** Offset of the bracket that closes a call; undefined where it is far off. */
function closing(text: string, open: number): number | undefined {
  let depth = 1, quote = '';
  for (let i = open; i < text.length && i < open + MAX_CALL; i++) {
    const c = text[i]!;
    if (quote !== '') {
      if (c === '\\') i++;
      else if (c === quote) quote = '';
    } else if (c === '\'' || c === '"' || c === '`') quote = c;
    else if (c === '(') depth++;
    else if (c === ')' && --depth === 0) return i;
  }
  return undefined;
}

/** Comparisons, numbers and searches say little more than yes or no; whoever replaces or matches has thought of it. */
const ENDS = /===?|!==?|\.(?:includes|startsWith|endsWith|test|match|matchAll|exec|replace|replaceAll|indexOf|search|length|number|id|sha|login)\b|\b(?:Number|parseInt|parseFloat|Boolean|encodeURIComponent|createHash|base64)\b|[^=]=>/;

function valuesOf(source: string, offset: number, names: ReadonlyMap<string, Values>): Values {
  const found: Value[] = [];
  const inner = expressionsIn(source, { bare: false });
  for (const e of inner) found.push({ kind: 'expression', start: offset + e.start, flat: false });
  if (inner.length > 0) return found;
  if (ENDS.test(source)) return NOTHING;
  for (const match of source.matchAll(/\bcontext\s*\.\s*payload\s*\??\.\s*([A-Za-z_][\w.?]{0,100})/g)) {
    const path = match[1]!.replaceAll('?', '').toLowerCase().split('.');
    found.push({ kind: 'github', path: ['github', 'event', ...path], flat: /^(?:title|ref|label|name|email)$/.test(path.at(-1)!) });
  }
  for (const match of source.matchAll(/\bprocess\s*\.\s*env\s*\.\s*([A-Za-z_]\w*)/g)) found.push({ kind: 'variable', name: match[1]!, flat: false });
  // Words in quotes are no names.
  const code = source.replace(/'[^'\n]*'|"[^"\n]*"/g, '');
  const used = [...code.matchAll(/(?<![\w$.])([A-Za-z_$][\w$]*)(?![\w$(])/g)].map(m => names.get(m[1]!) ?? NOTHING);
  const all = union(found, ...used);
  return /\.trim\(\)\s*\.\s*split|JSON\s*\.\s*stringify/.test(source) ? flat(all) : all;
}
