import type { ScriptAst, ScriptDialect } from './ast';
import { parseBash } from './bash';
import { parsePowerShell } from './powershell';
import { unshared } from '../unshared';

export * from './ast';
export * from './interpreters';
export * from './javascript';
export * from './queries';
export * from './shell';

/** Longer scripts are not read: GitHub takes half a megabyte for a whole workflow. */
export const MAX_SCRIPT_LENGTH = 1_000_000;
/** Of each of the two generations that are kept. */
const MAX_CACHED_CHARACTERS = 50_000;

type Kept = Map<string, ScriptAst>;
/** By text: strings that were looked up once know their hash, which longer keys would not. */
interface Cache { young: Kept; old: Kept; characters: number }
const emptyCache = (): Cache => ({ young: new Map(), old: new Map(), characters: 0 });
const caches = { posix: emptyCache(), powershell: emptyCache() };

/** How a shell's scripts are read: `bash`, `sh -e {0}`, `pwsh`, `python`, a path. */
export function dialectOf(shell: string): ScriptDialect {
  if (shell === 'bash' || shell === 'sh') return 'posix';
  const name = /^\s*(?:\S*[\\/])?([\w.-]+)/.exec(shell)?.[1]?.replace(/\.exe$/i, '').toLowerCase();
  if (name === 'bash' || name === 'sh' || name === 'zsh' || name === 'dash' || name === 'ash' || name === 'ksh') return 'posix';
  return name === 'pwsh' || name === 'powershell' ? 'powershell' : 'opaque';
}

/** Parses a script. Never throws; the same text is parsed once as long as it stays among the last that were asked for. */
export function parseScript(text: string, shell: string): ScriptAst {
  const dialect = text.length > MAX_SCRIPT_LENGTH ? 'opaque' : dialectOf(shell);
  if (dialect === 'opaque') return { text, dialect, body: [], commands: [], comments: [], expressions: [], heredocs: [], errors: [], regions: [] };
  const cache = caches[dialect];
  const known = cache.young.get(text);
  if (known) return known;
  const before = cache.old.get(text), own = before?.text ?? unshared(text);
  const ast = before ?? (dialect === 'posix' ? parseBash(own) : parsePowerShell(own));
  cache.characters += text.length;
  if (cache.characters > MAX_CACHED_CHARACTERS) {
    cache.old = cache.young;
    cache.young = new Map();
    cache.characters = text.length;
  }
  cache.young.set(own, ast);
  return ast;
}
