/** Calls of package managers in scripts, with the folder that they work in. */
import { BlockMemo } from '../../workflow/block-memo';
import { scalarText, getValue } from '../../workflow/nodes';
import { valueRangeSpan } from '../../workflow/scalar-map';
import { parseScript, unwrap, type Command, type Compound, type ScriptAst, type Word } from '../../workflow/scripts';
import { shellOf } from '../../workflow/effective';
import type { Job, Script, Step } from '../../workflow/model';
import type { Entry, Span } from '../../workflow/nodes';

export interface PackageCommand {
  readonly script: Script;
  readonly ast: ScriptAst;
  readonly command: Command;
  /** The program without path and suffix: `npm`, `pip`, `cargo`. `python -m pip` is `pip`. */
  readonly program: string;
  readonly programWord: Word;
  /** Words behind the program. */
  readonly words: readonly Word[];
  /** Their text; undefined for what is known only at run time. */
  readonly args: readonly (string | undefined)[];
  /** Relative to the workspace, `''` for its root; undefined where the file doesn't tell. */
  readonly folder: string | undefined;
}

const PROGRAMS = new Set(`npm pnpm yarn bun npx pnpx bunx bundle pip pipenv pipx uv uvx poetry cargo go gem dotnet composer docker podman`.split(' '));
const QUICK = /\b(?:npm|pnpm|yarn|bun|npx|pnpx|bunx|bundle|pip[\d.]*|pipenv|pipx|uvx?|poetry|cargo|go|gem|dotnet|composer|docker|podman)\b/;

const NONE: readonly PackageCommand[] = [];
interface Read { readonly shell: string | null; readonly folder: string | null; readonly found: readonly PackageCommand[] }
/** Several rules read the same scripts. */
const read = new BlockMemo<Script, { last?: Read }>();

/** The script's calls of package managers, in order. Empty for a language that isn't read, and for text with errors. */
export function packageCommands(script: Script, workflowShell: string | null, workflowFolder: string | null): readonly PackageCommand[] {
  const known = read.get(script.scalar.block, script, () => ({}));
  if (known.last?.shell === workflowShell && known.last.folder === workflowFolder) return known.last.found;
  const found = findCommands(script, workflowShell, workflowFolder);
  known.last = { shell: workflowShell, folder: workflowFolder, found };
  return found;
}

function findCommands(script: Script, workflowShell: string | null, workflowFolder: string | null): readonly PackageCommand[] {
  const text = script.scalar.value;
  if (!QUICK.test(text)) return NONE;
  const { shell } = shellOf(script.step, script.step.job, workflowShell);
  const ast = parseScript(text, shell === 'unknown' ? 'bash' : shell);
  if (ast.dialect === 'opaque' || ast.errors.length > 0) return [];
  const found: PackageCommand[] = [];
  for (const command of ast.commands) {
    let words = unwrap(command.words);
    let program = nameOf(words[0]);
    if (program && /^(?:python[\d.]*|py)$/.test(program) && words[1]?.literal === '-m') {
      words = words.slice(2);
      program = words[0]?.literal;
    }
    if (program && /^pip[\d.]+$/.test(program)) program = 'pip';
    if (!program || !PROGRAMS.has(program)) continue;
    const rest = words.slice(1);
    found.push({
      script, ast, command, program, programWord: words[0]!, words: rest, args: rest.map(w => w.literal),
      folder: folderOf(ast, command, script.step, workflowFolder),
    });
  }
  return found;
}

function nameOf(word: Word | undefined): string | undefined {
  return word?.literal?.replace(/^.*[\\/]/, '').replace(/\.(?:exe|cmd|bat)$/i, '');
}

/** From the program to a word behind it. */
export function spanOf({ script, programWord }: PackageCommand, to: Word = programWord): Span {
  return valueRangeSpan(script.scalar, programWord.start, to.end);
}

/** Words that are no options. A value of an option whose name isn't in `valued` is taken for one of them. */
export function positionals({ words }: Pick<PackageCommand, 'words'>, valued: ReadonlySet<string>): readonly Word[] {
  const out: Word[] = [];
  for (let i = 0; i < words.length; i++) {
    const text = words[i]!.literal;
    if (text === undefined || !text.startsWith('-')) out.push(words[i]!);
    else if (valued.has(text)) i++;
    else if (text === '--') break;
  }
  return out;
}

/** `run.working-directory` of a `defaults:` entry. */
export function defaultFolder(defaults: Entry | undefined): string | undefined {
  return scalarText(getValue(getValue(defaults?.value, 'run'), 'working-directory')) ?? undefined;
}

/** The folder that a command works in, relative to the workspace; undefined where the file does not tell. */
export function folderOf(ast: ScriptAst, command: Command, step: Step, workflowFolder: string | null): string | undefined {
  let folder = join('', scalarText(step.workingDirectory?.value) ?? defaultFolder(step.job?.defaults) ?? workflowFolder ?? '');
  for (const c of ast.commands) {
    if (c.start >= command.start) break;
    if (c.name !== undefined && !/^(?:cd|pushd|popd|chdir|set-location|push-location|pop-location|sl)$/i.test(c.name)) continue;
    if (c.name === undefined) continue;
    const around = c.pipeline.list.parent;
    if (c.pipeline.list.inside) continue;
    // What a subshell does to its folder ends with it.
    if (around?.kind === 'subshell' && !within(command, around)) continue;
    if (around && around.kind !== 'subshell' && around.kind !== 'group') return undefined;
    const to = c.name === 'cd' || c.name === 'pushd' ? c.words[1]?.literal : undefined;
    folder = folder === undefined || to === undefined ? undefined : join(folder, to);
  }
  return folder;
}

function within(command: Command, { start, end }: Compound): boolean {
  return start <= command.start && command.end <= end;
}

/** Undefined for what leaves the workspace, or is known only at run time. */
export function join(folder: string, to: string): string | undefined {
  if (/[$~`*?{}]|^[\\/]|^[A-Za-z]:|^-/.test(to)) return undefined;
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of to.replaceAll('\\', '/').split('/')) {
    if (part === '..') { if (parts.pop() === undefined) return undefined; }
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** True where the workspace is this repository and nothing else: one plain checkout, none of another repository. */
export function worksOnOwnTree(job: Job | undefined): boolean {
  if (!job) return false;
  const checkouts = job.steps.filter(s => s.uses?.owner?.toLowerCase() === 'actions' && s.uses.repo?.toLowerCase() === 'checkout');
  return checkouts.length > 0 && checkouts.every(s => !['repository', 'path', 'ref'].some(k => {
    const value = getValue(s.with?.value, k);
    return value !== null && (k !== 'ref' || /^[\w./-]+$/.test(scalarText(value) ?? ''));
  }));
}
