/**
 * Moves an expression out of a script and into the step's environment, where it is data. The script's own language says what stands
 * in its place; see `hoist-shell.ts` and `hoist-javascript.ts`.
 */
import type { Taint } from '../../catalog/contexts';
import type { Fix, World } from '../../engine/rule';
import { workflowEnv } from '../../workflow/effective';
import { addStepEnv, mayTouch } from '../../workflow/edits';
import { expressionsOf, printExpr, walkExpr, type Expression } from '../../workflow/expressions';
import { mapsExactly, valueRangeSpan } from '../../workflow/scalar-map';
import type { TextEdit } from '../../workflow/document';
import type { EnvMap, Step } from '../../workflow/model';
import { deref, type Entry, type ScalarNode } from '../../workflow/nodes';

/** A change of a script's text, in offsets of the text. */
export interface ScriptEdit { readonly start: number; readonly end: number; readonly newText: string }

/** What stands for `expression` once its value is in the variable `name`; undefined where that can't be said for certain. */
export type Replacer = (expression: Expression, name: string) => ScriptEdit | undefined;

/** Longer scripts are left to their authors: each place costs a look at the whole script. */
const MAX_LENGTH = 50_000;

/** The same value, however it is spaced or cased. */
export function sameValue(a: Expression, b: Expression): boolean {
  return printExpr(a.root).toLowerCase() === printExpr(b.root).toLowerCase();
}

/**
 * A fix that moves `expression`, and all of its like in the script, into the environment; undefined where the expression itself can't
 * be moved. Others that can't be are left as they are: each has its own finding.
 */
export function hoistFix(step: Step, entry: Entry, scalar: ScalarNode, expression: Expression, taint: Taint, replace: Replacer): Fix | undefined {
  // A script behind an anchor belongs to several steps.
  if (entry.value !== scalar || scalar.anchor || expression.errors.length > 0 || !expression.closed || /[\r\n]/.test(expression.source)) return undefined;
  if (scalar.value.length > MAX_LENGTH || !mapsExactly(scalar) || !replace(expression, 'X')) return undefined;
  if (step.env && deref(step.env.entry.value)?.kind === 'scalar') return undefined;
  return {
    title: `Pass ${shown(expression)} through an environment variable`,
    // Lists and objects can outgrow what one variable may hold (128 KB on Linux), and then the step does not start.
    safety: taint.kind === 'serialised' || [...walkExpr(expression.root)].some(n => n.kind === 'call' && /^(?:tojson|join)$/i.test(n.name)) ? 'unsafe' : 'safe',
    preferred: true,
    edits: world => edits(world, step, scalar, expression, taint, replace),
  };
}

function shown(expression: Expression): string {
  const source = expression.source.trim();
  return source.length > 60 ? `${source.slice(0, 59)}…` : source;
}

function edits(world: World, step: Step, scalar: ScalarNode, expression: Expression, taint: Taint, replace: Replacer): TextEdit[] | undefined {
  const { document } = world;
  if (!document.has(scalar) || !mayTouch(document, scalar)) return undefined;
  const script = withoutExpressions(scalar);
  const known = [step.env, step.job?.env, document.action ? undefined : document.workflow?.env];
  const reused = namedVariable(expression, known, script) ?? known.map(env => holding(env, expression)).find(name => name !== undefined && isOnlyRead(script, name, known, expression));
  const name = reused ?? freeName(nameFor(expression, taint), script, [
    ...known.flatMap(env => env?.variables.map(v => v.name) ?? []), ...workflowEnv(document.workflow).variables.map(v => v.name),
  ]);
  const out: TextEdit[] = [];
  if (reused === undefined) {
    const added = addStepEnv(document, step, name, `\${{ ${expression.source.trim()} }}`);
    if (!added) return undefined;
    out.push(...added);
  }
  const changes: ScriptEdit[] = [];
  // The expression itself comes first: where two want to change the same string, the other has to wait.
  for (const other of [expression, ...expressionsOf(scalar).filter(o => o !== expression && sameValue(o, expression))]) {
    const change = replace(other, name);
    if (!change || changes.some(c => c.start < change.end && change.start < c.end)) continue;
    const newText = written(scalar, change);
    if (newText === undefined) continue;
    changes.push(change);
    out.push({ ...document.range(valueRangeSpan(scalar, change.start, change.end)), newText });
  }
  if (changes[0] === undefined || !(changes[0].start <= expression.start && expression.end <= changes[0].end)) return undefined;
  return out;
}

/** The text as the scalar's style has to write it. A plain scalar must not begin with a quote. */
export function written(scalar: ScalarNode, { start, newText }: ScriptEdit): string | undefined {
  switch (scalar.style) {
    case 'double': return newText.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
    case 'single': return newText.replaceAll('\'', '\'\'');
    case 'plain': return start === 0 && /^["'`]/.test(newText) ? undefined : newText;
    default: return newText;
  }
}

/** What the script itself says: names inside `${{ }}` are GitHub's. */
function withoutExpressions(scalar: ScalarNode): string {
  let text = '', at = 0;
  for (const e of expressionsOf(scalar)) {
    text += `${scalar.value.slice(at, e.start)} `;
    at = e.end;
  }
  return text + scalar.value.slice(at);
}

/** Name of a variable that holds exactly this value. */
function holding(env: EnvMap | undefined, expression: Expression): string | undefined {
  return env?.variables.find(v => {
    const [only] = v.value ? expressionsOf(v.value) : [];
    return only && only.start === 0 && only.end === v.value!.value.length && sameValue(only, expression) && /^[A-Za-z_]\w*$/.test(v.name);
  })?.name;
}

/** `env.NAME` is a variable already. */
function namedVariable(expression: Expression, known: readonly (EnvMap | undefined)[], script: string): string | undefined {
  const name = /^env\.([A-Za-z_]\w*)$/.exec(expression.source.trim())?.[1];
  return name !== undefined && known.some(env => env?.variables.some(v => v.name === name)) && isNotSet(script, name) ? name : undefined;
}

/** The innermost variable of that name is the one that holds the value, and the script does not set it itself. */
function isOnlyRead(script: string, name: string, known: readonly (EnvMap | undefined)[], expression: Expression): boolean {
  const innermost = known.find(env => env?.variables.some(v => v.name === name));
  return holding(innermost, expression) === name && isNotSet(script, name);
}

function isNotSet(script: string, name: string): boolean {
  if (new RegExp(`(?<!\\w)${name}\\s*\\+?=(?!=)`, 'i').test(script)) return false;
  // `read NAME`, `for NAME in` and the like: not worth telling from a mention in passing.
  return !/\b(?:read|for|unset|mapfile|readarray|getopts|printf\s+-v|delete)\b/i.test(script) || !new RegExp(`(?<![$\\w{.:])${name}(?!\\w)`, 'i').test(script);
}

/** `PR_TITLE`, `HEAD_REF`, `COMMENT_BODY`, `EVENT_JSON`. */
export function nameFor(expression: Expression, taint: Taint): string {
  const parts = taint.path.split('.').filter((p, i) => p !== '*' && !(i === 0 && p === 'github') && !(i === 1 && p === 'event' && taint.path !== 'github.event'));
  const words = parts.map(p => p === 'pull_request' ? 'pr' : p).join('_').toUpperCase().replace(/\W/g, '_');
  const json = [...walkExpr(expression.root)].some(n => n.kind === 'call' && n.name.toLowerCase() === 'tojson');
  const name = words === '' || /^GITHUB/.test(words) ? 'CONTEXT' : words;
  return json ? `${name}_JSON` : name;
}

function freeName(wanted: string, script: string, taken: readonly string[]): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? wanted : `${wanted}_${i}`;
    // Whatever the script calls so, in any case (Windows has no other), is somebody else's.
    if (!taken.some(t => t.toUpperCase() === name) && !new RegExp(`(?<!\\w)${name}(?!\\w)`, 'i').test(script)) return name;
  }
}
