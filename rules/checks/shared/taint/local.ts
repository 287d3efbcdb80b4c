/**
 * What can be in a value, as far as one job (or one action) tells: through its variables, its steps' outputs and its matrix. What lies outside
 * (other jobs, inputs, the workflow's variables) stays an atom with a name; `resolve.ts` follows it.
 */
import { leavesOf, taintOfPath, type Leaf } from '../../../catalog/contexts';
import { versionOf } from '../../../catalog';
import { ARTIFACT_ACTIONS, escapesOutput, passedInputs, taintedOutput } from '../../../catalog/flows';
import { BlockMemo, OwnMemo, type Notes } from '../../../workflow/block-memo';
import { effectiveShell } from '../../../workflow/effective';
import { conditionOf, dottedPath, expressionsOf, type Expr } from '../../../workflow/expressions';
import type { EnvMap, EnvVariable, Job, Step, UsesRef } from '../../../workflow/model';
import { asMapping, asScalar, asSequence, deref, getEntry, scalarText, walk, type Entry, type ScalarNode, type YamlNode } from '../../../workflow/nodes';
import { javascriptWrites } from './javascript-writes';
import type { Values } from './script-state';
import { scriptWrites, type RunnerFile, type Write } from './script-writes';
import type { Address, Atom, Hop } from './types';

/** A job, or an action with its steps. */
export type Owner = { readonly steps: readonly Step[] } & (Job | { readonly kind: 'action'; readonly notes: Notes });

const NONE: readonly Atom[] = [];
const MAX_ATOMS = 8;
const AT = { start: 0, end: 0 };
const NOTHING: readonly StepWrite[] = [];

/** One of these stands in whatever writes to a file: most scripts need not be read. */
const MENTIONS: Readonly<Record<RunnerFile, readonly string[]>> = {
  env: ['GITHUB_ENV', 'github.env', 'exportVariable'], output: ['GITHUB_OUTPUT', 'github.output', '::set-output', 'setOutput', 'return'],
  path: ['GITHUB_PATH', 'github.path', 'addPath'], state: ['GITHUB_STATE', 'github.state'],
};

/** What one step gives to later ones. */
export type StepWrite = Pick<Write, 'file' | 'name' | 'values' | 'start' | 'end'> & { readonly fence: Write['fence']; readonly simple?: Write['simple'] };

export class LocalTaint {
  readonly #known = new Map<string, readonly Atom[]>();
  readonly #ids = new Map<string, number>();
  #envWriters?: readonly number[];
  readonly #job: Job | undefined;

  constructor(readonly owner: Owner) {
    this.#job = owner.kind === 'job' ? owner : undefined;
    owner.steps.forEach((s, i) => {
      const id = scalarText(s.id?.value);
      if (id) this.#ids.set(id.toLowerCase(), i);
    });
  }

  address(part: Address['part'], more: Partial<Address> = {}): Address {
    return { ...(this.#job ? { job: this.#job.id } : {}), part, ...more };
  }

  /**
   * The atoms of an expression that is read at `step` (`owner.steps.length` for what comes after all steps). `level` says whose variables are
   * there already: a step's own are not there while they are made.
   */
  expression(root: Expr, step: number, level: 'step' | 'job' | 'workflow' = 'step'): readonly Atom[] {
    const leaves = leavesOf(root);
    if (leaves.length === 0) return NONE;
    let found = NONE;
    for (const leaf of leaves) {
      const atoms = this.#leaf(leaf, step, level);
      if (atoms.length > 0 && !this.#isFixed(leaf, step)) found = found.length > 0 ? [...found, ...atoms] : atoms;
    }
    return merge(found);
  }

  /** The atoms of a text with expressions in it. */
  scalar(scalar: ScalarNode | undefined, step: number, level: 'step' | 'job' | 'workflow' = 'step'): readonly Atom[] {
    return scalar ? merge(expressionsOf(scalar).flatMap(e => e.errors.length > 0 ? NONE : this.expression(e.root, step, level))) : NONE;
  }

  /** The atoms of values of a script of `step`. */
  values(values: Values, step: number): readonly Atom[] {
    const found: Atom[] = [];
    for (const value of values) {
      const atoms = this.#value(value, step);
      found.push(...(value.flat ? atoms.map(a => ({ ...a, flat: true })) : atoms));
    }
    return merge(found);
  }

  /** What a step writes to a file of the runner for later ones. */
  writes(step: Step, file: RunnerFile): readonly StepWrite[] {
    const text = step.run?.scalar.value ?? githubScript(step)?.value;
    if (text === undefined || !MENTIONS[file].some(m => text.includes(m))) return NOTHING;
    return this.#allWrites(step).filter(w => w.file === file);
  }

  #allWrites(step: Step): readonly StepWrite[] {
    if (step.run) {
      const { shell } = effectiveShell(step, step.job, undefined);
      return scriptWrites(step.run.scalar.value, shell === 'unknown' || shell === 'other' ? 'bash' : shell);
    }
    const script = githubScript(step);
    return script ? javascriptWrites(script.value).map(w => ({ ...w, fence: 'random' as const })) : NOTHING;
  }

  /** A variable as `env.NAME` or as the shell of `step` sees it. */
  variable(name: string, step: number, level: 'step' | 'job' | 'workflow' = 'step'): readonly Atom[] {
    return this.#remember(`env ${level} ${step} ${name}`, () => {
      if (level === 'step') {
        const own = this.#variableOf(this.owner.steps[step]?.env, name);
        if (own) return this.#set(own, this.scalar(own.value, step, 'job'), { step });
      }
      if (level !== 'workflow') {
        const written = this.#envWriter.filter(i => i < step).flatMap(i => this.#written('env', name, i));
        if (written.length > 0) return merge(written.flatMap(([w, i]) => this.#fromWrite(w, i)));
        const job = this.#variableOf(this.#job?.env, name);
        if (job) return this.#set(job, this.scalar(job.value, step, 'workflow'), {});
      }
      return this.#job ? [{ kind: 'env', name, hops: [], flat: false }] : NONE;
    });
  }

  /** The step before `step` that has put a file of another run into the workspace; -1 where the file is the repository's own. */
  #foreignFile(name: string, step: number): number {
    const own = OWN_FILE.test(name) && this.owner.steps.some(s => s.uses?.repo === 'checkout');
    return this.owner.steps.findIndex((s, i) => {
      const folder = i < step ? foreignFolder(s) : undefined;
      return folder === '' ? !own : folder !== undefined && name.includes(folder);
    });
  }

  #leaf({ path, serialised }: Leaf, step: number, level: 'step' | 'job' | 'workflow'): readonly Atom[] {
    const [context, a, b, c] = path;
    if (a === undefined) return context === 'github' ? this.#github(path, serialised) : NONE;
    switch (context) {
      case 'github': return a === 'event' && b === 'inputs' && c ? [{ kind: 'input', name: c, hops: [], flat: serialised }] : this.#github(path, serialised);
      case 'steps': return b === 'outputs' && c ? this.#output(a, c, step) : NONE;
      case 'env': return this.variable(a, step, level);
      case 'needs': case 'jobs': return b === 'outputs' && c ? [{ kind: 'needs', job: a, output: c, hops: [], flat: serialised }] : NONE;
      case 'inputs': return [{ kind: 'input', name: a, hops: [], flat: serialised }];
      case 'matrix': return this.#matrix(path.slice(1));
      default: return NONE;
    }
  }

  #github(path: readonly string[], serialised: boolean): readonly Atom[] {
    const taint = taintOfPath(path, serialised, undefined, AT);
    return taint ? [{ kind: 'github', path, serialised, hops: [], flat: serialised || isFlat(path) }] : NONE;
  }

  #value(value: Values[number], step: number): readonly Atom[] {
    switch (value.kind) {
      case 'variable': return this.variable(value.name, step);
      case 'github': return this.#github(value.path, false);
      case 'origin': return [{ kind: 'origin', origin: value.origin, hops: [], flat: value.flat }];
      case 'expression': {
        const scalar = this.owner.steps[step]?.run?.scalar ?? githubScript(this.owner.steps[step]);
        const expression = scalar && expressionsOf(scalar).find(e => e.start === value.start);
        return expression && expression.errors.length === 0 ? this.expression(expression.root, step) : NONE;
      }
      case 'file': {
        const from = this.#foreignFile(value.name, step);
        if (from < 0) return NONE;
        const hop: Hop = { at: this.address('uses', { step: from }), note: 'brings files of another run, which can be a pull request\'s' };
        return [{
          kind: 'origin', flat: value.flat, hops: [hop],
          origin: {
            what: value.name || 'a downloaded file', kind: 'text', who: 'anyone whose pull request started the other run', flat: false,
            events: ['workflow_run', 'workflow_call', 'workflow_dispatch', 'pull_request_target', 'issue_comment'],
          },
        }];
      }
    }
  }

  #output(id: string, name: string, before: number): readonly Atom[] {
    const index = this.#ids.get(id);
    if (index === undefined || index >= before) return NONE;
    return this.#remember(`output ${index} ${name}`, () => {
      const step = this.owner.steps[index]!, { uses } = step;
      const written = this.#written('output', name, index);
      if (written.length > 0) return merge(written.flatMap(([w, i]) => this.#fromWrite(w, i)));
      if (!uses) return NONE;
      const at = this.address('uses', { step: index });
      if (uses.kind === 'local' || uses.kind === 'self') return [{ kind: 'callee', path: uses.path ?? '', output: name, step: index, hops: [], flat: false }];
      if (uses.kind !== 'repository' || !uses.owner || !uses.repo || uses.path) return NONE;
      const known = taintedOutput(uses.owner, uses.repo, name);
      if (known && !escapesOutput(uses.owner, uses.repo, majorOf(uses), input => textInput(step, input))) {
        const hop: Hop = { at, note: `\`${name}\` of this action is written by ${known.who}` };
        return [{ kind: 'origin', origin: { ...known, what: `${uses.owner}/${uses.repo}` }, flat: known.flat, hops: [hop] }];
      }
      const inputs = passedInputs(uses.owner, uses.repo, name).flatMap(input => this.input(step, input));
      return this.#through(merge(inputs), { at, note: `hands it on as \`${name}\`` });
    });
  }

  /** The atoms of an input that a step passes; names compare without case. */
  input(step: Step, name: string): readonly Atom[] {
    const entry = asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === name.toLowerCase());
    return this.scalar(asScalar(entry?.value), this.owner.steps.indexOf(step));
  }

  get #envWriter(): readonly number[] {
    return this.#envWriters ??= this.owner.steps.flatMap((s, i) => this.writes(s, 'env').length > 0 ? [i] : []);
  }

  #written(file: RunnerFile, name: string, step: number): (readonly [StepWrite, number])[] {
    const lower = name.toLowerCase();
    return this.writes(this.owner.steps[step]!, file).flatMap(w => w.name?.toLowerCase() === lower ? [[w, step] as const] : []);
  }

  #fromWrite(write: StepWrite, step: number): readonly Atom[] {
    const part = this.owner.steps[step]!.run ? 'run' : 'script';
    const to = write.file === 'env' ? 'GITHUB_ENV' : 'GITHUB_OUTPUT';
    const at = this.address(part, { step, start: write.start, end: write.end });
    return this.#through(this.values(write.values, step), { at, note: `\`${write.name}\` is written to \`${to}\` from it` });
  }

  #matrix(path: readonly string[]): readonly Atom[] {
    const matrix = getEntry(this.#job?.strategy?.value, 'matrix');
    if (!matrix || path[0] === undefined) return NONE;
    const hop: Hop = { at: this.address('matrix', { name: path[0] }), note: 'the matrix is made of it' };
    const whole = asScalar(matrix.value);
    if (whole) return this.#through(this.scalar(whole, -1, 'workflow'), hop);
    const vector = entryOf(matrix.value, path[0]);
    const included = (asSequence(entryOf(matrix.value, 'include')?.value)?.items ?? []).map(i => entryOf(i.value, path[0]!));
    const found = [vector, ...included].flatMap(entry => scalarsIn(entry?.value));
    return this.#through(merge(found.flatMap(s => this.scalar(s, -1, 'workflow'))), hop);
  }

  #variableOf(env: EnvMap | undefined, name: string): EnvMap['variables'][number] | undefined {
    const lower = name.toLowerCase();
    return env?.variables.findLast(v => v.name.toLowerCase() === lower);
  }

  #set(variable: EnvVariable, atoms: readonly Atom[], where: Pick<Address, 'step'>): readonly Atom[] {
    return this.#through(atoms, { at: this.address('env', { ...where, name: variable.name }), note: `\`${variable.name}\` is set from it` });
  }

  #through(atoms: readonly Atom[], hop: Hop): readonly Atom[] {
    return atoms.map(a => ({ ...a, hops: [...a.hops, hop] }));
  }

  /** A condition in front of the step that leaves only a value of the author's: `if: steps.a.outputs.b == 'yes'`. */
  #isFixed(leaf: Leaf, step: number): boolean {
    const path = leaf.path.join('.');
    return [this.#job?.if, this.owner.steps[step]?.if].some(entry => {
      const condition = entry && conditionOf(entry);
      return condition !== undefined && condition.errors.length === 0 && fixes(condition.root, path);
    });
  }

  #remember(key: string, compute: () => readonly Atom[]): readonly Atom[] {
    const known = this.#known.get(key);
    if (known) return known;
    // What is asked for while it is being answered stands in a circle.
    this.#known.set(key, NONE);
    const atoms = compute();
    this.#known.set(key, atoms);
    return atoms;
  }
}

const ofJobs = new BlockMemo<Job, LocalTaint>();
const ofActions = new OwnMemo<Exclude<Owner, Job>, LocalTaint>();

export function localTaint(owner: Owner): LocalTaint {
  if (owner.kind === 'job') return ofJobs.get(owner.entry.block, owner, o => new LocalTaint(o));
  return ofActions.get(owner, o => new LocalTaint(o));
}

/** Different atoms, each by its shortest way. */
export function merge(atoms: readonly Atom[]): readonly Atom[] {
  if (atoms.length < 2) return atoms;
  const found = new Map<string, Atom>();
  for (const atom of atoms) {
    const key = JSON.stringify({ ...atom, hops: 0, flat: 0 }), known = found.get(key);
    if (!known || (known.flat && !atom.flat)) found.set(key, atom);
    if (found.size >= MAX_ATOMS) break;
  }
  return [...found.values()];
}

function isFlat(path: readonly string[]): boolean {
  const last = path.at(-1)!;
  return /^(?:title|display_title|ref|label|head_ref|head_branch|default_branch|name|email|page_name|path|homepage|description)$/.test(last) || (last === 'from' && path.at(-2) === 'title');
}

/** `with.script` of actions/github-script. */
export function githubScript(step: Step | undefined): ScalarNode | undefined {
  const uses = step?.uses;
  if (uses?.kind !== 'repository' || uses.owner?.toLowerCase() !== 'actions' || uses.repo?.toLowerCase() !== 'github-script') return undefined;
  return asScalar(asMapping(step!.with?.value)?.entries.find(e => e.key.value.toLowerCase() === 'script')?.value);
}

/** Files that a repository has of its own, and that a script reads for its versions. */
const OWN_FILE = /(?:^|\/)(?:package(?:-lock)?\.json|[\w.-]+\.toml|go\.mod|pom\.xml|\.?version(?:\.txt)?|\.(?:nvmrc|node-version|python-version|ruby-version|tool-versions)|setup\.(?:py|cfg)|changelog\S*)$/i;

/** Last part of the folder that a step puts files of another run into; empty for the workspace itself, undefined where it brings none. */
function foreignFolder(step: Step): string | undefined {
  const { uses } = step;
  if (uses?.kind === 'repository') {
    const name = uses.slug;
    if (ARTIFACT_ACTIONS.has(name) || (name === 'actions/download-artifact' && textInput(step, 'run-id') !== undefined)) return lastPart(textInput(step, 'path'));
    return /\bdownloadArtifact\b/.test(githubScript(step)?.value ?? '') ? '' : undefined;
  }
  const text = step.run?.scalar.value;
  if (text === undefined) return undefined;
  const download = /\bgh\s+run\s+download\b[^\n]{0,400}/.exec(text)?.[0];
  if (download !== undefined) return lastPart(/\s(?:-D|--dir)[ =](\S+)/.exec(download)?.[1]);
  return /\/actions\/artifacts\/[^\s]{1,200}\/zip\b/.test(text) ? '' : undefined;
}

function lastPart(path: string | undefined): string {
  const part = path?.trim().replace(/["']/g, '').replace(/\/+$/, '').split('/').at(-1) ?? '';
  return part === '.' || part.includes('}}') || part.startsWith('$') ? '' : part;
}

function textInput(step: Step, name: string): string | undefined {
  return scalarText(asMapping(step.with?.value)?.entries.find(e => e.key.value.toLowerCase() === name)?.value);
}

/** By the tag, by the commit where the catalogue knows it, by the comment behind it. */
function majorOf(uses: UsesRef): number | undefined {
  const { ref = '', owner = '', repo = '' } = uses;
  const version = /^v?\d{1,4}(?:\.|$)/.test(ref) ? ref : versionOf(owner, repo, ref) ?? uses.comment?.text ?? '';
  const major = /(?:^|\s)v?(\d{1,4})(?:\.|\s|$)/.exec(version)?.[1];
  return major === undefined ? undefined : Number(major);
}

function entryOf(node: YamlNode | null | undefined, name: string): Entry | undefined {
  return asMapping(node)?.entries.findLast(e => e.key.value.toLowerCase() === name);
}

/** Scalars with expressions below a node. */
function scalarsIn(node: YamlNode | null | undefined): ScalarNode[] {
  const found: ScalarNode[] = [];
  for (const n of walk(deref(node))) if (n.kind === 'scalar' && n.value.includes('${{')) found.push(n);
  return found;
}

function fixes(condition: Expr, path: string): boolean {
  if (condition.kind === 'binary') {
    if (condition.operator === '&&') return fixes(condition.left, path) || fixes(condition.right, path);
    if (condition.operator === '||') return fixes(condition.left, path) && fixes(condition.right, path);
    if (condition.operator !== '==') return false;
    const [a, b] = [condition.left, condition.right];
    return (dottedPath(a) === path && b.kind === 'literal') || (dottedPath(b) === path && a.kind === 'literal');
  }
  if (condition.kind !== 'call' || condition.name.toLowerCase() !== 'contains') return false;
  const [list, needle] = condition.args;
  return list?.kind === 'call' && list.name.toLowerCase() === 'fromjson' && list.args[0]?.kind === 'literal' && needle !== undefined && dottedPath(needle) === path;
}

