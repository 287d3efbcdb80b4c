/** Where a bash script decodes a secret, or takes a part out of it, and lets the result be seen. */
import type { AndOr, Command, Compound, Pipeline, ScriptAst, Word } from '../../workflow/scripts';
import { partsOf } from '../../workflow/scripts';

export interface DerivedValue {
  readonly secret: string;
  /** The command that derives; `base64`, `jq`. */
  readonly command: Command;
  readonly sink: 'the log' | '$GITHUB_ENV' | '$GITHUB_OUTPUT';
}

export interface HeldSecrets {
  /** Variable to secret. */
  readonly variables: ReadonlyMap<string, string>;
  /** Expressions in the script, by offset. */
  readonly pasted: readonly { readonly at: number; readonly name: string }[];
}

/** Derived values that come to light without being masked in the script. */
export function* derivedValues(ast: ScriptAst, held: HeldSecrets): Generator<DerivedValue> {
  for (const command of ast.commands) {
    if (!derives(command) || ast.text.slice(0, command.end).includes('::add-mask::')) continue;
    const secret = sourceOf(command, held);
    const sink = secret === undefined ? undefined : sinkOf(ast, command);
    if (secret !== undefined && sink !== undefined) yield { secret, command, sink };
  }
}

/** `base64 -d`, `openssl base64 -d`, `jq .name`. Encoding is no loss: GitHub masks the encoded text, too. */
function derives(command: Command): boolean {
  const args = command.words.slice(1).map(w => w.literal);
  if (command.name === 'base64') return args.some(a => a !== undefined && /^(?:-[a-zA-Z]*[dD][a-zA-Z]*|--decode)$/.test(a));
  if (command.name === 'openssl') return args.some(a => a === 'base64' || a === '-base64') && args.includes('-d');
  if (command.name !== 'jq') return false;
  const filter = args.find(a => a !== undefined && !a.startsWith('-') && /\./.test(a));
  return filter !== undefined && /\.(?:[A-Za-z_"[])/.test(filter) && !/\b(?:length|keys|type|has|empty|test)\b|==|!=/.test(filter);
}

/** The secret that the command is fed: through a pipe from `echo` or `printf`, or as a here-string. */
function sourceOf(command: Command, held: HeldSecrets): string | undefined {
  for (const r of command.redirections) {
    const found = r.operator === '<<<' && r.target ? secretIn([r.target], held) : undefined;
    if (found !== undefined) return found;
  }
  const { parts } = command.pipeline;
  const first = parts[0];
  // What stands between may only hand on or derive further.
  if (!first || first.kind !== 'command' || first === command || parts.indexOf(command) < 0 || (first.name !== 'echo' && first.name !== 'printf')) return undefined;
  return secretIn(first.words.slice(1), held);
}

function secretIn(words: readonly Word[], { variables, pasted }: HeldSecrets): string | undefined {
  for (const word of words) {
    for (const part of partsOf(word)) if (part.kind === 'parameter' && variables.has(part.name)) return variables.get(part.name);
    const text = pasted.find(p => word.start <= p.at && p.at < word.end);
    if (text) return text.name;
  }
  return undefined;
}

function sinkOf(ast: ScriptAst, command: Command): DerivedValue['sink'] | undefined {
  const { pipeline } = command;
  const last = pipeline.parts.at(-1)!;
  // Further on it may be hashed, stored or read by a program.
  if (pipeline.parts.slice(pipeline.parts.indexOf(command) + 1).some(p => p.kind !== 'command' || !derives(p)) && last !== command) return undefined;
  const written = fileOf(last.redirections);
  if (written !== undefined) return written.sink;
  if (pipeline.list.inside !== 'substitution') return isSilent(pipeline.list) ? undefined : outerSink(pipeline.list) ?? 'the log';
  const outer = ast.commands.filter(c => c !== command && c.start < command.start && command.end <= c.end && c.pipeline !== pipeline).at(-1);
  if (!outer) return undefined;
  const assigned = outer.assignments.find(a => a.value.start <= command.start && command.end <= a.value.end)?.name ?? declared(ast, outer, command);
  if (assigned === undefined) return printed(outer);
  for (const later of ast.commands) {
    if (later.start < outer.end || !later.words.some(w => [...partsOf(w)].some(p => p.kind === 'parameter' && p.name === assigned && p.simple))) continue;
    if (ast.text.slice(later.start, later.end).includes('::add-mask::')) return undefined;
    const found = printed(later);
    if (found) return found;
  }
  return undefined;
}

/** `export NAME="$(…)"`. */
function declared(ast: ScriptAst, outer: Command, inner: Command): string | undefined {
  if (!/^(?:export|local|declare|readonly|typeset)$/.test(outer.name ?? '')) return undefined;
  const word = outer.words.find(w => w.start <= inner.start && inner.end <= w.end);
  return word && /^([A-Za-z_]\w*)=/.exec(ast.text.slice(word.start, word.end))?.[1];
}

/** What `echo` and `printf` are given is seen where they write to. */
function printed(command: Command): DerivedValue['sink'] | undefined {
  if (command.name !== 'echo' && command.name !== 'printf') return undefined;
  if (command.pipeline.parts.length > 1 || command.pipeline.list.inside === 'substitution') return undefined;
  const written = fileOf(command.redirections);
  if (written) return written.sink;
  return isSilent(command.pipeline.list) ? undefined : outerSink(command.pipeline.list) ?? 'the log';
}

/** Undefined where nothing is redirected; `sink` is undefined where it goes to a file of no concern. */
function fileOf(redirections: Command['redirections']): { readonly sink: DerivedValue['sink'] | undefined } | undefined {
  for (const r of redirections) {
    if (!r.operator.includes('>') || r.fd === '2') continue;
    const names = r.target ? [...partsOf(r.target)].flatMap(p => p.kind === 'parameter' ? [p.name] : []) : [];
    if (r.target?.literal === '1' || r.target?.literal === '2' || r.target?.literal === '/dev/stdout' || r.target?.literal === '/dev/stderr') continue;
    return { sink: names.includes('GITHUB_ENV') ? '$GITHUB_ENV' : names.includes('GITHUB_OUTPUT') ? '$GITHUB_OUTPUT' : undefined };
  }
  return undefined;
}

/** Inside of a group, loop or function whose output goes elsewhere or isn't known. */
function isSilent(list: AndOr): boolean {
  for (let at: Compound | undefined = list.parent; at; at = parentOf(at.pipeline)) {
    if (at.kind === 'function' || at.pipeline.parts.length > 1) return true;
    const file = fileOf(at.redirections);
    if (file) return file.sink === undefined;
  }
  return list.inside !== undefined;
}

function outerSink(list: AndOr): DerivedValue['sink'] | undefined {
  for (let at: Compound | undefined = list.parent; at; at = parentOf(at.pipeline)) {
    const file = fileOf(at.redirections);
    if (file) return file.sink;
  }
  return undefined;
}

function parentOf(pipeline: Pipeline): Compound | undefined { return pipeline.list.parent; }
