/** What a job asks of its runner, label by label, with the place where each one is written. */
import { runnerLabel, SELF_HOSTED_LABELS } from '../../catalog';
import { BlockMemo } from '../../workflow/block-memo';
import { expand } from '../../workflow/effective';
import { dottedPath, expressionsOf, type Expr } from '../../workflow/expressions';
import { valueRangeSpan } from '../../workflow/scalar-map';
import type { Job } from '../../workflow/model';
import { asMapping, asSequence, deref, getEntry, getValue, scalarList, type Entry, type ScalarNode, type Span, type YamlNode } from '../../workflow/nodes';
import { resultsOf } from './secrets';

export interface AskedLabel {
  readonly value: string;
  readonly at: Span;
  /** The scalar that is this label and nothing else: it can be written anew. */
  readonly scalar?: ScalarNode;
  /** `list`: every run asks for it. `choice`: one of several that a matrix or an expression picks from. */
  readonly by: 'list' | 'choice';
}

export interface AskedRunner {
  readonly labels: readonly AskedLabel[];
  /** The entry of `group:`. */
  readonly group?: Entry;
  /** False where an expression can name more than what is listed. */
  readonly complete: boolean;
}

const runners = new BlockMemo<Job, AskedRunner>();

/** What `runs-on` asks for; no labels for a job that calls a workflow. */
export function askedRunner(job: Job): AskedRunner { return runners.get(job.entry.block, job, read); }

function read(job: Job): AskedRunner {
  const value = deref(job.runsOn?.value);
  const labels: AskedLabel[] = [];
  let complete = true;
  const group = value?.kind === 'mapping' ? getEntry(value, 'group') : undefined;
  for (const scalar of scalarList(value?.kind === 'mapping' ? getEntry(value, 'labels')?.value : value)) {
    if (!scalar.value.includes('${{')) labels.push({ value: scalar.value.trim(), at: scalar, scalar, by: 'list' });
    else complete = choices(job, scalar, labels) && complete;
  }
  return { labels: labels.filter(l => l.value !== ''), group, complete };
}

/** Adds what the expressions of a scalar can give. False where that is not all. */
function choices(job: Job, scalar: ScalarNode, found: AskedLabel[]): boolean {
  const [only, ...more] = expressionsOf(scalar, { bare: false });
  const whole = only && more.length === 0 && only.errors.length === 0 && scalar.value.trim() === scalar.value.slice(only.start, only.end);
  if (!whole) {
    const values = expand(scalar.value, job);
    for (const value of values ?? []) found.push({ value, at: scalar, by: 'choice' });
    return values !== undefined;
  }
  let complete = true;
  for (const result of resultsOf(only.root)) complete = ofResult(job, scalar, result, found) && complete;
  return complete;
}

function ofResult(job: Job, scalar: ScalarNode, result: Expr, found: AskedLabel[]): boolean {
  if (result.kind === 'literal') {
    const texts = typeof result.value === 'string' ? listed(result.value) : [];
    for (const value of texts) found.push({ value, at: valueRangeSpan(scalar, result.start, result.end), by: 'choice' });
    return true;
  }
  const path = dottedPath(result)?.split('.') ?? [];
  // Names of a matrix compare without case, and paths come in lower case.
  const nodes = path[0] === 'matrix' && path.length > 1 ? matrixNodes(job, path.slice(1)) : undefined;
  if (!nodes) return false;
  let complete = nodes.complete;
  for (const node of nodes.scalars) {
    if (node.value.includes('${{')) complete = false;
    else for (const value of listed(node.value)) found.push({ value, at: node, ...(value === node.value ? { scalar: node } : {}), by: 'choice' });
  }
  return complete;
}

/** A label, or the labels of a list written as JSON. */
function listed(text: string): string[] {
  if (!/^\s*\[/.test(text)) return [text.trim()];
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter((p): p is string => typeof p === 'string') : [];
  } catch {
    return [];
  }
}

const named = (node: YamlNode | null | undefined, name: string): Entry | undefined =>
  asMapping(node)?.entries.find(e => e.key.value.toLowerCase() === name);

/** The scalars that a path of the matrix can be, those of its `include` too. */
export function matrixNodes(job: Job, path: readonly string[]): { readonly scalars: readonly ScalarNode[]; readonly complete: boolean } | undefined {
  const matrix = asMapping(getValue(job.strategy?.value, 'matrix'));
  const [name = '', ...rest] = path;
  if (!matrix) return undefined;
  const scalars: ScalarNode[] = [];
  let complete = true;
  const add = (node: YamlNode | null): void => {
    const end = rest.reduce<YamlNode | null>((n, key) => n && (named(n, key)?.value ?? null), deref(node));
    const list = scalarList(end);
    if (list.length === 0) complete = false;
    scalars.push(...list);
  };
  const vector = named(matrix, name), include = named(matrix, 'include');
  if (vector) {
    const items = asSequence(vector.value)?.items;
    if (!items) complete = false;
    for (const item of items ?? []) add(item.value);
  }
  if (include) {
    const items = asSequence(include.value)?.items;
    if (!items) complete = false;
    for (const item of items ?? []) {
      const entry = named(item.value, name);
      if (entry) add(entry.value);
    }
  }
  return { scalars, complete };
}

const OWN = new Set(SELF_HOSTED_LABELS.map(l => l.toLowerCase()));

/** Labels that GitHub gives to self-hosted runners and to no other: `self-hosted`, and a system or architecture by itself. */
export function isOwnLabel(value: string): boolean { return OWN.has(value.toLowerCase()); }

/** `self-hosted` is asked for by name. */
export function isSelfHosted(runner: AskedRunner): boolean { return runner.labels.some(l => l.value.toLowerCase() === 'self-hosted'); }

/** Whatever is picked, it is one of GitHub's own machines, new for each job. */
export function isHosted(runner: AskedRunner): boolean {
  return runner.complete && !runner.group && runner.labels.length > 0 && runner.labels.every(l => runnerLabel(l.value) !== undefined);
}

