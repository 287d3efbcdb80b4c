/** Edits in the terms of workflows: top-level keys, jobs, steps, inputs and variables, at the place where people expect them. */
import type { SourceDocument, TextEdit } from '../document';
import type { Job, Step } from '../model';
import { asMapping, asSequence, type Entry, type SequenceNode } from '../nodes';
import { cutLines, deleteEntry, insertUnder, isBlockEntry, replaceValue, setKey, type SetKeyOptions } from './mapping';
import {
  blankAbove, column, contentEnd, entryStart, isCutOut, layoutIn, layoutOf, linesAt, mayAddTo, mayTouch, nextLine, placeBehind, withEol, type LinePlace,
} from './place';
import { printEntry } from './print';
import { reindent } from './reindent';
import { insertItem } from './sequence';
import { quoteKey } from './quote';
import { raw, type YamlValue } from './yaml-value';

const TOP_ORDER = ['name', 'run-name', 'on', 'permissions', 'env', 'defaults', 'concurrency', 'cache-mode', 'jobs'];

export interface PlaceOptions { readonly before?: readonly string[]; readonly after?: readonly string[]; readonly blankLine?: boolean }

/**
 * Sets a top-level key, however the document is cut. A new one goes behind the first key of `after` that is there, else ahead
 * of the first of `before`, else where convention has it (name, run-name, on, permissions, env, defaults, concurrency, jobs).
 */
export function setTopLevelKey(doc: SourceDocument, key: string, value: YamlValue, options: PlaceOptions = {}): TextEdit[] | undefined {
  const entries = doc.entries;
  const same = entries.filter(e => e.key.value === key);
  if (same.length > 1 || entries.length === 0) return undefined;
  if (same[0]) return isCutOut(doc, same[0]) ? undefined : replaceValue(doc, same[0], value);
  const spot = topLevelSpot(entries, key, options);
  if (doc.root?.flow) return setKey(doc, doc.root, key, value, spot.previous ? { after: spot.previous.key.value } : { before: entries[0]!.key.value });
  if (!entries.every(e => isBlockEntry(doc, e) && column(doc, entryStart(doc, e)) === 0) || (doc.root && !mayAddTo(doc, doc.root))) return undefined;
  if (doc.problems.some(p => p.code === 'limit')) return undefined;
  const text = printEntry(key, value, 0, layoutOf(doc));
  if (!spot.previous) {
    const at = entryStart(doc, entries[0]!);
    const blank = options.blankLine ?? (entries.length > 1 && entries.slice(1).every(e => blankAbove(doc, entryStart(doc, e))));
    return [{ start: at, end: at, newText: withEol(doc, text + (blank ? '\n\n' : '\n')) }];
  }
  const place = placeBehindTopLevel(doc, spot.previous);
  if (!place) return undefined;
  return [linesAt(doc, place, text, options.blankLine ?? wantsBlank(doc, entries, spot.previous, text))];
}

/** Removes a top-level entry with the comment behind it, however the document is cut. Undefined for the last entry and for `jobs`. */
export function deleteTopLevelKey(doc: SourceDocument, entry: Entry): TextEdit[] | undefined {
  if (doc.root) return deleteEntry(doc, entry, doc.root);
  if (doc.entries.length < 2 || !doc.entries.includes(entry) || isCutOut(doc, entry) || !mayTouch(doc, entry) || !isBlockEntry(doc, entry)) return undefined;
  const place = placeBehind(doc, entry, entry.value, Number.MAX_SAFE_INTEGER);
  return place && cutLines(doc, entryStart(doc, entry), place, undefined);
}

function topLevelSpot(entries: readonly Entry[], key: string, options: PlaceOptions): { previous?: Entry } {
  const find = (k: string) => entries.find(e => e.key.value === k);
  for (const k of options.after ?? []) { const e = find(k); if (e) return { previous: e }; }
  for (const k of options.before ?? []) { const e = find(k); if (e) return { previous: entries[entries.indexOf(e) - 1] }; }
  const rank = TOP_ORDER.indexOf(key);
  if (rank >= 0) {
    for (let i = rank - 1; i >= 0; i--) { const e = find(TOP_ORDER[i]!); if (e) return { previous: e }; }
    for (let i = rank + 1; i < TOP_ORDER.length; i++) { const e = find(TOP_ORDER[i]!); if (e) return { previous: entries[entries.indexOf(e) - 1] }; }
  }
  const jobs = find('jobs');
  return { previous: jobs && rank < 0 ? entries[entries.indexOf(jobs) - 1] : entries.at(-1) };
}

function placeBehindTopLevel(doc: SourceDocument, entry: Entry): LinePlace | undefined {
  const job = isCutOut(doc, entry) ? doc.workflow?.jobs.at(-1)?.entry : undefined;
  const last = job ?? entry;
  return doc.has(last) && mayAddTo(doc, last) ? placeBehind(doc, last, last.value, 0) : undefined;
}

function wantsBlank(doc: SourceDocument, entries: readonly Entry[], previous: Entry, text: string): boolean {
  const blanks = entries.slice(1).map(e => blankAbove(doc, entryStart(doc, e)));
  const long = text.includes('\n') || contentEnd(doc, previous) > nextLine(doc, entryStart(doc, previous));
  const next = entries[entries.indexOf(previous) + 1];
  const apart = !next || blankAbove(doc, entryStart(doc, next));
  return blanks.length > 0 && (blanks.every(Boolean) || (blanks.some(Boolean) && long && apart));
}

const JOB_PLACE: Readonly<Record<string, readonly string[]>> = {
  name: [],
  permissions: ['runs-on', 'uses', 'if', 'needs', 'name'],
  needs: ['name'],
  if: ['needs', 'name'],
  environment: ['runs-on', 'if', 'needs', 'name'],
  concurrency: ['environment', 'runs-on', 'uses', 'if', 'needs', 'name'],
  'timeout-minutes': ['runs-on', 'if', 'needs', 'name'],
  env: ['concurrency', 'environment', 'permissions', 'timeout-minutes', 'runs-on', 'if', 'needs', 'name'],
  secrets: ['with', 'uses'],
  with: ['uses'],
};

/** Sets a key of a job. A new one goes behind the first key of `after` that is there, else where convention has it. */
export function setJobKey(doc: SourceDocument, job: Job, key: string, value: YamlValue, options: { readonly after?: readonly string[] } = {}): TextEdit[] | undefined {
  if (!job.node || job.entry.value !== job.node) return undefined;
  const after = options.after ?? JOB_PLACE[key] ?? ['runs-on', 'uses', 'if', 'needs', 'name'];
  const found = after.some(k => job.node!.entries.some(e => e.key.value === k));
  return setKey(doc, job.node, key, value, { after, ...(found ? {} : { before: job.node.entries[0]?.key.value }) });
}

/**
 * Sets a key of a step. By default `with` follows `uses`; `env` stands ahead of `run` (behind it where `run` comes first) or
 * behind `with`; `if`, `timeout-minutes` and `continue-on-error` follow name and id; anything else comes last.
 */
export function setStepKey(doc: SourceDocument, step: Step, key: string, value: YamlValue, options: SetKeyOptions = stepPlace(step, key)): TextEdit[] | undefined {
  return doc.has(step.node) ? setKey(doc, step.node, key, value, options) : undefined;
}

function stepPlace(step: Step, key: string): SetKeyOptions {
  const first = step.node.entries[0]?.key.value;
  if (key === 'with') return { after: 'uses' };
  if (key === 'env') return step.run ? (first === 'run' ? { after: 'run' } : { before: 'run' }) : { after: ['with', 'uses'] };
  if (key === 'shell') return { after: ['run'] };
  if (key === 'id') return { after: 'name', before: first };
  if (key === 'if') return { after: ['id', 'name'], before: first };
  if (key === 'timeout-minutes' || key === 'continue-on-error') return { after: ['if', 'id', 'name'] };
  return {};
}

/** Sets an input of a step's action, creating `with:` where there is none. Names compare without case. */
export function setStepInput(doc: SourceDocument, step: Step, name: string, value: YamlValue): TextEdit[] | undefined {
  return setInStepMap(doc, step, 'with', step.with, name, value, (a, b) => a.toLowerCase() === b.toLowerCase());
}

/** Sets an environment variable of a step, creating `env:` where there is none. Undefined where `env` is an expression. */
export function addStepEnv(doc: SourceDocument, step: Step, name: string, value: YamlValue): TextEdit[] | undefined {
  return setInStepMap(doc, step, 'env', step.env?.entry, name, value, (a, b) => a === b);
}

function setInStepMap(
  doc: SourceDocument, step: Step, key: string, entry: Entry | undefined, name: string, value: YamlValue, same: (a: string, b: string) => boolean,
): TextEdit[] | undefined {
  if (!entry) return setStepKey(doc, step, key, { [name]: value });
  if (!doc.has(entry) || entry.value?.kind === 'alias') return undefined;
  const existing = asMapping(entry.value)?.entries.filter(e => same(e.key.value, name)) ?? [];
  if (existing.length > 1) return undefined;
  return existing[0] ? replaceValue(doc, existing[0], value) : insertUnder(doc, entry, name, value);
}

/**
 * Adds a step, written at two-space indentation with or without its dash, as `job.steps[index]`; behind the last one where
 * `index` is beyond it. Undefined where the steps are in flow style or stand elsewhere (`*alias`).
 */
export function insertStep(doc: SourceDocument, job: Job, index: number, stepYaml: string): TextEdit[] | undefined {
  if (!job.stepsEntry || !doc.has(job.stepsEntry) || job.stepsEntry.value?.kind === 'alias') return undefined;
  const step = raw(undash(stepYaml));
  const own = asSequence(job.stepsEntry.value);
  if (!own || own.items.length === 0) return replaceValue(doc, job.stepsEntry, [step]);
  const next = job.steps[index];
  const list: SequenceNode | undefined = next?.group ? asSequence(next.group.parallel?.value) : own;
  if (!list || list.flow) return undefined;
  const at = next ? list.items.findIndex(i => i.value === next.node) : list.items.length;
  return at < 0 ? undefined : insertItem(doc, list, at, step);
}

function undash(yaml: string): string {
  const text = yaml.replace(/\r\n?/g, '\n').replace(/^\n+/, '');
  const dash = /^( *)- /.exec(text);
  return dash ? `${dash[1]!}  ${text.slice(dash[0].length)}` : text;
}

/**
 * Adds a job: its id and its body (without the id, at two-space indentation), behind the job `after` or the last one.
 * Undefined where there is such a job already or the jobs are in flow style.
 */
export function insertJob(doc: SourceDocument, id: string, jobYaml: string, { after }: { readonly after?: string } = {}): TextEdit[] | undefined {
  const { workflow } = doc;
  const jobsEntry = workflow?.jobsEntry;
  if (!workflow || !jobsEntry || workflow.jobs.some(j => j.id.toLowerCase() === id.toLowerCase())) return undefined;
  const previous = workflow.jobs.find(j => j.id === after) ?? workflow.jobs.at(-1);
  if (!previous) return isCutOut(doc, jobsEntry) || !doc.root || mayTouch(doc, jobsEntry) ? insertUnder(doc, jobsEntry, id, raw(jobYaml)) : undefined;
  const mapping = asMapping(jobsEntry.value);
  if (mapping?.flow || jobsEntry.value?.kind === 'alias' || !isBlockEntry(doc, previous.entry) || !mayAddTo(doc, previous.entry)) return undefined;
  const col = column(doc, entryStart(doc, previous.entry));
  const layout = mapping ? layoutIn(doc, { ...mapping, entries: workflow.jobs.map(j => j.entry) }) : layoutIn(doc, { ...previous.node!, entries: [previous.entry] });
  const place = placeBehind(doc, previous.entry, previous.entry.value, col);
  if (!place) return undefined;
  const rest = workflow.jobs.slice(1);
  const blank = rest.length === 0 || rest.some(j => blankAbove(doc, entryStart(doc, j.entry)));
  return [linesAt(doc, place, `${' '.repeat(col)}${quoteKey(id)}:\n${reindent(jobYaml, col + layout.step, layout)}`, blank)];
}
