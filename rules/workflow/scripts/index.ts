import type { ScriptAst, ScriptDialect } from './ast';
import { parseBash } from './bash';
import { parsePowerShell } from './powershell';

export * from './ast';
export * from './interpreters';
export * from './javascript';
export * from './queries';
export * from './shell';

/** Longer scripts are not read: GitHub takes half a megabyte for a whole workflow. */
export const MAX_SCRIPT_LENGTH = 1_000_000;
const MAX_CACHED_CHARACTERS = 300_000;

const cache = new Map<string, ScriptAst>();
let cached = 0;

/** How a shell's scripts are read: `bash`, `sh -e {0}`, `pwsh`, `python`, a path. */
export function dialectOf(shell: string): ScriptDialect {
  const name = /^\s*(?:\S*[\\/])?([\w.-]+)/.exec(shell)?.[1]?.replace(/\.exe$/i, '').toLowerCase();
  if (name === 'bash' || name === 'sh' || name === 'zsh' || name === 'dash' || name === 'ash' || name === 'ksh') return 'posix';
  return name === 'pwsh' || name === 'powershell' ? 'powershell' : 'opaque';
}

/** Parses a script. Never throws; the same text is parsed once as long as it stays among the last that were asked for. */
export function parseScript(text: string, shell: string): ScriptAst {
  const dialect = text.length > MAX_SCRIPT_LENGTH ? 'opaque' : dialectOf(shell);
  if (dialect === 'opaque') return { text, dialect, body: [], commands: [], comments: [], expressions: [], heredocs: [], errors: [], regions: [] };
  const key = `${dialect}\n${text}`;
  let ast = cache.get(key);
  if (ast) {
    cache.delete(key);
    cache.set(key, ast);
    return ast;
  }
  ast = dialect === 'posix' ? parseBash(text) : parsePowerShell(text);
  cache.set(key, ast);
  cached += text.length;
  for (const [oldest, value] of cache) {
    if (cached <= MAX_CACHED_CHARACTERS || oldest === key) break;
    cache.delete(oldest);
    cached -= value.text.length;
  }
  return ast;
}
