/** Commands of a step with those of the scripts of the checkout that it calls, as far as these can be read. */
import type { Repository } from '../../repository';
import { repoFacts } from '../../repository';
import type { Span } from '../../workflow/nodes';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { defaultShell, listsOf, parseScript, shellOf, unwrap, type AndOr, type Command, type Pipeline, type ScriptAst } from '../../workflow/scripts';
import { inputText, reachesOut, scriptInput } from '../../checks/shared/action-kind';
import type { CiStep } from './ci';
import { scriptName, swallowed } from './commands';

export interface Line {
  readonly step: CiStep;
  /** Words without `sudo`, `timeout 5` and the like; `$` for one that is known only at run time. The first has no path. */
  readonly words: readonly string[];
  /** The words joined by blanks. */
  readonly text: string;
  /** As written, variables included; of another file where `file` says so. */
  readonly raw: string;
  /** Where the command, or the call of the script it stands in, is in the workflow. */
  readonly at: Span;
  /** The script of the checkout it stands in; empty in one that is an argument. Undefined in the step's own. */
  readonly file?: string;
  /** Why its failure fails nothing. */
  readonly soft?: string;
  /** Its result or output is looked at: a condition, a substitution, a pipe, an `||`. */
  readonly looked: boolean;
  /** It stands in a loop. */
  readonly looped: boolean;
  /** It stands behind `||`, in a branch, or in a function: it isn't done every time. */
  readonly sometimes: boolean;
  /** It stands in a function: when it is done isn't told by its place. */
  readonly inFunction: boolean;
}

const MAX_LINES = 1500;
const MAX_DEPTH = 3;
const MAX_SCRIPT = 100_000;
const cache = new WeakMap<Repository, WeakMap<CiStep, readonly Line[]>>();

/** In order; a script's commands stand behind the command that calls it. Empty for steps without a script. */
export function linesOf(repo: Repository, s: CiStep): readonly Line[] {
  let known = cache.get(repo);
  if (!known) cache.set(repo, known = new WeakMap());
  let lines = known.get(s);
  if (!lines) known.set(s, lines = read(repo, s));
  return lines;
}

function read(repo: Repository, s: CiStep): Line[] {
  const { step } = s, out: Line[] = [];
  if (step.run) {
    const { shell } = shellOf(step, s.outer ? undefined : defaultShell(s.document.workflow?.defaults));
    const script = step.run;
    addScript(out, repo, s, script.scalar.value, shell === 'unknown' || shell === 'other' ? 'bash' : shell,
      c => valueRangeSpan(script.scalar, c.start, c.end), undefined, 0);
  } else if (step.uses) {
    const text = scriptInput(step) ?? (reachesOut(step.uses) ? inputText(step, 'script') : undefined);
    const at = step.uses.scalar;
    if (text !== undefined) addScript(out, repo, s, text, 'bash', () => at, undefined, 0);
  }
  return out;
}

function addScript(out: Line[], repo: Repository, step: CiStep, text: string, shell: string, at: (c: Command) => Span, file: string | undefined,
  depth: number, caller?: Line): void {
  if (text.length > MAX_SCRIPT) return;
  const ast = parseScript(text, shell), loops = loopsOf(ast);
  for (const command of ast.commands) {
    if (out.length >= MAX_LINES) return;
    const words = unwrap(command.words).map(w => w.literal ?? '$');
    if (words.length === 0) continue;
    words[0] = words[0]!.slice(words[0]!.lastIndexOf('/') + 1) || '$';
    const line: Line = {
      step, words, text: words.join(' '), raw: text.slice(command.start, command.end), at: at(command), file,
      soft: caller?.soft ?? swallowed(command, text), looked: isLookedAt(command), looped: caller?.looped === true || inLoop(command) || loops.some(l => l.start <= command.start && command.end <= l.end),
      sometimes: isSometimes(command), inFunction: caller?.inFunction === true || command.functions.length > 0,
    };
    out.push(line);
    const called = depth < MAX_DEPTH ? calledScript(repo, step, command, words) : undefined;
    if (called) addScript(out, repo, step, called.text, 'bash', () => line.at, called.file ?? file ?? '', depth + 1, line);
  }
}

function loopsOf(ast: ScriptAst): { start: number; end: number }[] {
  return [...listsOf(ast.body)].flatMap(l => l.pipelines.flatMap(p => p.parts.filter(x => x.kind === 'while' || x.kind === 'until' || x.kind === 'for')));
}

/** Inside of its own substitution or heredoc; the loops around those are told by their place. */
function inLoop({ pipeline }: Command): boolean {
  for (let at: Pipeline | undefined = pipeline; at;) {
    const { parent }: AndOr = at.list;
    if (parent?.kind === 'while' || parent?.kind === 'until' || parent?.kind === 'for') return true;
    at = parent?.pipeline;
  }
  return false;
}

function isLookedAt({ pipeline }: Command): boolean {
  const { list } = pipeline;
  return list.condition || list.inside === 'substitution' || pipeline.parts.length > 1 || pipeline.negated
    || list.operators[list.pipelines.indexOf(pipeline)] !== undefined;
}

function isSometimes({ pipeline, functions }: Command): boolean {
  if (functions.length > 0) return true;
  for (let at: Pipeline | undefined = pipeline; at;) {
    const { list }: Pipeline = at;
    if (list.operators[list.pipelines.indexOf(at) - 1] !== undefined || list.parent?.kind === 'if' || list.parent?.kind === 'case') return true;
    at = list.parent?.pipeline;
  }
  return false;
}

const SHELLS = /^(?:bash|sh|dash|zsh|source|\.)$/;

/** The text of a shell script of the checkout, of a package's script, or of a Makefile's target. */
function calledScript(repo: Repository, s: CiStep, command: Command, words: readonly string[]): { text: string; file?: string } | undefined {
  const own = unwrap(command.words).map(w => w.literal ?? '$');
  // `bash -c '…'`, `ssh host '…'`.
  if ((SHELLS.test(words[0]!) && /^-[a-z]*c$/.test(own[1] ?? '') || words[0] === 'ssh') && own.length > 2) {
    const text = SHELLS.test(words[0]!) ? own[2]! : own.at(-1)!;
    return /\s/.test(text) ? { text } : undefined;
  }
  const path = SHELLS.test(words[0]!) ? own.slice(1).find(w => !w.startsWith('-')) : /[/\\]/.test(own[0]!) ? own[0] : undefined;
  if (path !== undefined && path !== '$') {
    const file = place(repo, s, path), text = file === undefined ? undefined : repo.read(file);
    return text !== undefined && /\.(?:sh|bash)$|\/[^/.]+$|^[^/.]+$/.test(file!) && !text.includes('\u0000') ? { text, file } : undefined;
  }
  if (words[0] === 'make') {
    const target = words.slice(1).find(w => !w.startsWith('-') && !w.includes('=') && w !== '$');
    return target === undefined ? undefined : ruleOf(repo, target);
  }
  if (['npm', 'pnpm', 'yarn', 'bun'].includes(words[0]!)) {
    const name = scriptName(words[0]!, words.slice(1));
    if (name === undefined) return undefined;
    for (const p of repoFacts(repo).stack.packages.values()) if (Object.hasOwn(p.scripts, name)) return { text: p.scripts[name]!, file: p.path };
  }
  return undefined;
}

function place(repo: Repository, s: CiStep, path: string): string | undefined {
  const clean = path.replace(/^(?:\.\/)+/, '').replace(/^\$\{?(?:GITHUB_WORKSPACE|PWD)\}?\//, '');
  const dir = s.step.workingDirectory?.value?.kind === 'scalar' ? s.step.workingDirectory.value.value.replace(/^\.\/|\/+$/g, '') : '';
  return [dir === '' || dir === '.' ? clean : `${dir}/${clean}`, clean].find(p => repo.has(p));
}

const MAX_INCLUDED = 20;

/** The recipe of a target, and the file it stands in: the Makefile, or one that it includes by name. */
function ruleOf(repo: Repository, target: string): { text: string; file: string } | undefined {
  const main = ['Makefile', 'makefile', 'GNUmakefile'].find(f => repo.has(f)), text = main === undefined ? undefined : repo.read(main)?.slice(0, MAX_SCRIPT);
  if (main === undefined || text === undefined) return undefined;
  const included = [...text.matchAll(/^-?include[ \t]+([^\r\n#]{1,500})/gm)].flatMap(m => m[1]!.trim().split(/[ \t]+/)).slice(0, MAX_INCLUDED);
  for (const file of [main, ...included.map(f => f.replace(/^\.\//, ''))]) {
    const recipe = recipeOf((file === main ? text : repo.read(file)) ?? '', target);
    if (recipe !== undefined) return { text: recipe, file };
  }
  return undefined;
}

/** The recipe of a Makefile's target, echo and error marks taken off. */
function recipeOf(makefile: string, target: string): string | undefined {
  const lines = makefile.slice(0, MAX_SCRIPT).split(/\r?\n/), from = lines.findIndex(l => l.startsWith(`${target}:`) && !l.startsWith(`${target}:=`));
  if (from < 0) return undefined;
  const recipe: string[] = [];
  for (const l of lines.slice(from + 1)) {
    if (!l.startsWith('\t') && l.trim() !== '') break;
    recipe.push(l.replace(/^\t[@-]*/, '').replaceAll('$$', '$'));
  }
  return recipe.join('\n');
}
