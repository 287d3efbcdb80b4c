import type { Expression } from '../../workflow/expressions';
import {
  commandsAt, listsOf, parseScript, quotingAt, regionAt, regionsAt, unwrap, type Command, type Compound, type ScriptAst, type Word,
} from '../../workflow/scripts';
import type { Replacer, ScriptEdit } from './hoist';

/** Programs that read an argument or their input as code: a variable there is as dangerous as the text was. */
const INTERPRETERS = new Set(`sh bash zsh dash ash ksh fish eval ssh su runuser python python2 python3 node deno bun perl ruby php awk gawk mawk nawk jq yq sed xargs find psql mysql sqlite3
  mongo mongosh redis-cli pwsh powershell cmd docker podman kubectl nix-shell nix watch parallel trap alias expect osascript Rscript groovy lua osqueryi source . bc m4 envsubst
  script vim ex ed make gdb at batch flock chroot nsenter unshare wsl iex invoke-expression invoke-command start-process`.split(/\s+/));

/** Programs that read code from standard input. */
const READS_CODE = new Set('sh bash zsh dash ash ksh fish python python2 python3 node deno perl ruby php psql mysql sqlite3 mongo mongosh pwsh powershell bc at batch parallel ssh'.split(' '));

const CODE_FILE = /\.(?:sh|bash|zsh|py|js|mjs|cjs|ts|rb|pl|php|ps1|psm1|cmd|bat|sql|lua|go|rs|java|mk)$|(?:^|\/)(?:Makefile|Dockerfile)$/i;

/**
 * Replaces expressions in a bash or PowerShell script. Refuses where the value would still be read as code, where quoting it would
 * change what a working script does, and wherever the script was not understood. `split`: a value that stands without quotes is several words.
 */
export function shellReplacer(text: string, shell: string, { split = false }: { readonly split?: boolean } = {}): Replacer | undefined {
  const ast = parseScript(text, shell);
  if (ast.dialect === 'opaque' || ast.errors.length > 0) return undefined;
  return (expression, name) => {
    const { start, end } = expression;
    if (!ast.expressions.some(e => e.start === start && e.end === end) || isCode(ast, start)) return undefined;
    const change = ast.dialect === 'posix' ? bash(ast, expression, name, split) : split && isBare(ast, start) ? undefined : powershell(ast, expression, name);
    return change && { start, end, ...change };
  };
}

type Change = Pick<ScriptEdit, 'newText'> & Partial<ScriptEdit>;

function bash(ast: ScriptAst, { start, end }: Expression, name: string, split: boolean): Change | undefined {
  const plain = /[\w[]/.test(ast.text[end] ?? '') ? `\${${name}}` : `$${name}`;
  switch (quotingAt(ast, start)) {
    case 'double': return insideParameter(ast, start) ? undefined : { newText: plain };
    case 'heredoc': return { newText: `\${${name}}` };
    case 'single': return singleQuoted(ast, start, end, name);
    case 'assignment': case 'case': return { newText: `"${plain}"` };
    case 'test': return followsMatch(ast, start) ? undefined : { newText: `"${plain}"` };
    case 'unquoted':
      if (split) return isCommandName(ast, start) ? undefined : { newText: plain };
      return wantsWords(ast, start) || isCommandName(ast, start) ? undefined : { newText: `"$${name}"` };
    default: return undefined;
  }
}

function isBare(ast: ScriptAst, at: number): boolean { return quotingAt(ast, at) === 'unquoted'; }

/** True where the shell splits what stands at an offset into words. */
export function isSplit(text: string, shell: string, offset: number): boolean {
  return isBare(parseScript(text, shell), offset);
}

/** Closes the quote, reopens it behind the variable, and leaves out quotes with nothing between them. */
function singleQuoted(ast: ScriptAst, start: number, end: number, name: string): Change | undefined {
  const region = regionAt(ast, start);
  if (!region) return undefined;
  const opens = region.start === start, closes = region.end === end;
  return {
    start: opens ? start - 1 : start, end: closes ? end + 1 : end,
    newText: `${opens ? '' : '\''}"$${name}"${closes ? '' : '\''}`,
  };
}

function powershell(ast: ScriptAst, { start, end }: Expression, name: string): Change | undefined {
  const inString = /[\w:[.(]/.test(ast.text[end] ?? '') ? `\${env:${name}}` : `$env:${name}`;
  const region = regionAt(ast, start);
  switch (quotingAt(ast, start)) {
    case 'double': case 'heredoc': return { newText: inString };
    // A string that is nothing but the value; anything longer has no way to hold a variable.
    case 'single': return region && region.start === start && region.end === end ? { start: start - 1, end: end + 1, newText: `$env:${name}` } : undefined;
    case 'unquoted': return isCommandName(ast, start) || !/[\s(,=]|^$/.test(ast.text[start - 1] ?? '') || !/[\s),;|]|^$/.test(ast.text[end] ?? '')
      ? undefined : { newText: `$env:${name}` };
    default: return undefined;
  }
}

/** Inside `"${X:-…}"`, where braces and quotes count differently. */
function insideParameter(ast: ScriptAst, at: number): boolean {
  return regionsAt(ast, at).some(r => r.kind === 'parameter' || r.kind === 'backtick' || r.kind === 'arithmetic');
}

/** Behind `=~` quotes turn a pattern into plain text. */
function followsMatch(ast: ScriptAst, at: number): boolean {
  return /=~\s*\S*$/.test(ast.text.slice(Math.max(0, at - 200), at));
}

function wordAt(words: readonly Word[], at: number): Word | undefined {
  return words.find(w => w.start <= at && at < w.end);
}

/** The value names the command itself, or decides which it is. */
function isCommandName(ast: ScriptAst, at: number): boolean {
  const command = commandsAt(ast, at).at(-1);
  if (!command) return false;
  const first = unwrap(command.words)[0];
  return first !== undefined && first.start <= at && at < first.end;
}

/** Unquoted in `for x in …` or an array: it is meant to be split. */
function wantsWords(ast: ScriptAst, at: number): boolean {
  if (regionAt(ast, at)?.kind === 'array') return true;
  const compounds: Compound[] = [...listsOf(ast.body)].flatMap(l => l.pipelines.flatMap(p => p.parts.filter((x): x is Compound => x.kind !== 'command')));
  return compounds.some(c => c.kind === 'for' && wordAt(c.words, at));
}

/** The text is handed to something that reads it as code: `bash -c`, `jq`, a heredoc into an interpreter or into a script file. */
function isCode(ast: ScriptAst, at: number): boolean {
  return commandsAt(ast, at).some(command => {
    const first = unwrap(command.words)[0];
    const name = first?.literal?.replace(/^.*[\\/]/, '').replace(/\.exe$/i, '').toLowerCase();
    // `env A="…" cmd` and `sudo A=… cmd`: only what stands behind the program is its argument.
    const inFront = first !== undefined && at < first.start;
    // `$CMD "…"`: whatever that is. In PowerShell `$x = …` is no command.
    if (first && name === undefined && !inFront && (ast.dialect === 'posix' || /^[&.]/.test(ast.text.slice(command.start, command.start + 1)))) return true;
    if (name !== undefined && INTERPRETERS.has(name) && !inFront && !harmless(command, name, at)) return true;
    return command.redirections.some(r => r.operator.startsWith('>') && CODE_FILE.test(r.target?.literal ?? ''))
      || (name === 'tee' && command.words.some(w => CODE_FILE.test(w.literal ?? ''))) || feedsCode(command);
  });
}

/** Uses of these programs that take the argument at hand as data. */
function harmless(command: Command, name: string, at: number): boolean {
  const words = unwrap(command.words), args = words.slice(1);
  const index = words.findIndex(w => w.start <= at && at < w.end);
  switch (name) {
    // `python tool.py "$X"`: what comes behind the script's file.
    case 'python': case 'python2': case 'python3': case 'node': case 'ruby': case 'perl': case 'php': case 'bash': case 'sh': case 'pwsh': case 'powershell':
      return index > 1 && args[0]?.literal !== undefined && !args[0].literal.startsWith('-') && CODE_FILE.test(args[0].literal);
    case 'jq': return /^--(?:arg|argjson)$/.test(words[index - 2]?.literal ?? '');
    case 'find': return !args.some(w => /^-(?:exec|ok)/.test(w.literal ?? '-exec'));
    case 'docker': case 'podman': return /^(?:build|buildx|tag|push|pull|login|image|inspect|manifest)$/.test(args[0]?.literal ?? '');
    case 'kubectl': return !/^(?:exec|run|debug)$/.test(args[0]?.literal ?? 'exec');
    default: return false;
  }
}

/** Its output goes to another command of the pipeline that reads code; so does the output of what it stands in. */
function feedsCode(part: Command | Compound): boolean {
  const { parts, list } = part.pipeline, i = parts.indexOf(part);
  if (parts.slice(i + 1).some(p => p.kind === 'command' && READS_CODE.has(unwrap(p.words)[0]?.literal?.replace(/^.*\//, '') ?? ''))) return true;
  if (part.kind === 'command' && part.redirections.some(r => r.heredoc?.script)) return true;
  return list.parent !== undefined && feedsCode(list.parent);
}
