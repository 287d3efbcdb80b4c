/** What expressions say about other jobs and steps: `needs.x`, `steps.x` and their outputs. */
import type { ExpressionSite, Report, RuleContext } from '../../../engine/rule';
import { expressionSpan, pathOf, walkExpr, type Expr, type ExprRange } from '../../../workflow/expressions';
import type { Job } from '../../../workflow/model';
import { asMapping, getEntry, type Span } from '../../../workflow/nodes';
import { callee, localAction } from './facts';
import { idOf, type Steps } from './ids';
import { addNeed, needs, reaches, type Jobs } from './needs';
import { instead, meant, oneOf, writeName } from './words';

export const REFERENCE_MESSAGES = {
  'need-missing': '`needs.{need}` is empty here: `{job}` does not name `{need}` in its `needs`. Add it there.',
  'need-none': '`needs.*` is empty here: `{job}` needs no other job. Say in `needs` what it waits for.',
  'need-nobody': '`needs.{need}` is empty: this job needs no job of that name. Write {instead}.',
  'need-property': '`needs.{need}.{property}` is empty: a job has `result` and `outputs`. Write {instead}.',
  'output-undeclared': '`needs.{need}.outputs.{output}` is empty: `{need}` has no such output. {advice}.',
  'step-unknown': '`steps.{step}` is empty: no step of {owner} has that id. {advice}.',
  'step-later': '`steps.{step}` is empty here: that step comes {when}. Move what reads it behind the step.',
  'step-property': '`steps.{step}.{property}` is empty: a step has `outputs`, `outcome` and `conclusion`. Write {instead}.',
  'step-output': '`steps.{step}.outputs.{output}` is empty: `{action}` has no such output. Write {instead}.',
} as const;

type Context = RuleContext<keyof typeof REFERENCE_MESSAGES>;
type Say = (report: Report<keyof typeof REFERENCE_MESSAGES>) => void;

/** A name of a path with where it is written in the expression, and as it is written. */
interface Named { readonly name: string; readonly range: ExprRange }

/** The last name of a path, as written; undefined for filters, numbers and what is computed. */
function lastName(e: Expr): Named | undefined {
  if (e.kind === 'property' && e.name !== '*') return { name: e.name, range: e.nameRange };
  if (e.kind !== 'index' || e.index?.kind !== 'literal' || typeof e.index.value !== 'string') return undefined;
  // Inside the quotes.
  return { name: e.index.value, range: { start: e.index.start + 1, end: e.index.end - 1 } };
}

/** Every access of a context in an expression by a path of fixed names, each once. */
export function* accesses(site: ExpressionSite, context: string): Generator<{ readonly path: readonly string[]; readonly last: Named; readonly span: Span }> {
  const seen = new Set<string>();
  for (const e of walkExpr(site.expression.root)) {
    if (e.kind !== 'property' && e.kind !== 'index') continue;
    const last = lastName(e);
    const path = last && pathOf(e);
    if (!path || path[0] !== context || path.slice(1).includes('*') || seen.has(path.join('.'))) continue;
    seen.add(path.join('.'));
    yield { path, last, span: expressionSpan(site.scalar, last.range) };
  }
}

export function checkNeedsAccess(context: Context, site: ExpressionSite, job: Job, jobs: Jobs): void {
  if (!/needs/i.test(site.expression.source)) return;
  const say: Say = report => context.report({ ...report, step: site.step, job });
  if (job.needs.length === 0 && !getEntry(job.node, 'needs')) {
    for (const e of walkExpr(site.expression.root)) {
      const path = (e.kind === 'property' && e.name === '*') || (e.kind === 'index' && !e.index) ? pathOf(e) : undefined;
      if (path?.length === 2 && path[0] === 'needs') say({ at: expressionSpan(site.scalar, e), messageId: 'need-none', data: { job: job.id } });
    }
  }
  for (const { path: [, id = '', property, output, ...more], last, span } of accesses(site, 'needs')) {
    const other = jobs.get(id);
    if (property === undefined) {
      if (needs(job, id)) continue;
      // Where the other one waits for this job, it can't be waited for.
      if (other && !reaches(jobs, other, job)) {
        say({
          at: span, messageId: 'need-missing', data: { need: last.name, job: job.id }, official: true,
          fixes: getEntry(job.node, 'needs')?.value?.kind === 'alias' ? [] : [{ title: `Add ${other.id} to the needs of ${job.id}`, safety: 'unsafe', preferred: true, edits: ({ document }) => addNeed(document, job, other.id) }],
        });
        continue;
      }
      const named = job.needs.map(n => n.value).filter(n => jobs.has(n.toLowerCase()));
      const better = meant(last.name, named);
      say({
        at: span, messageId: 'need-nobody', data: { need: last.name, instead: named.length > 0 ? instead(better, named) : 'the name of a job that this one needs' }, official: true,
        fixes: better === undefined ? [] : [writeName(span, last.name, better)],
      });
    } else if (!other || !needs(job, id)) continue;
    else if (output === undefined) {
      if (property === 'outputs' || property === 'result') continue;
      const better = meant(last.name, ['outputs', 'result']);
      say({
        at: span, messageId: 'need-property', data: { need: other.id, property: last.name, instead: instead(better, ['outputs', 'result']) }, official: true,
        fixes: better === undefined ? [] : [writeName(span, last.name, better)],
      });
    } else if (property === 'outputs' && more.length === 0) checkOutput(context, say, other, last, span);
  }
}

/** Names of the outputs of a job; undefined where they can't be known. */
export function outputsOf(context: Pick<Context, 'query'>, job: Job): readonly string[] | undefined {
  if (job.uses) {
    const local = job.uses.kind === 'local' || job.uses.kind === 'self' ? context.query(callee, job.uses.path ?? '') : null;
    return local?.kind === 'workflow' ? local.outputs : undefined;
  }
  if (!job.node || (!job.outputs && job.steps.length === 0)) return undefined;
  if (!job.outputs) return [];
  const map = asMapping(job.outputs.value);
  return map && !map.entries.some(e => e.key.value === '<<') ? map.entries.map(e => e.key.value) : undefined;
}

function checkOutput(context: Context, say: Say, job: Job, last: Named, span: Span): void {
  const known = outputsOf(context, job);
  if (!known || known.some(o => o.toLowerCase() === last.name.toLowerCase())) return;
  const better = meant(last.name, known);
  const advice = better !== undefined ? `Write \`${better}\`` : known.length > 0 ? `It has ${oneOf(known)}` : 'Declare it under `outputs` there';
  say({
    at: span, messageId: 'output-undeclared', data: { need: job.id, output: last.name, advice }, official: true,
    related: [{ at: (job.outputs ?? job.entry).key, message: known.length > 0 ? 'What it gives' : 'It declares no outputs' }],
    fixes: better === undefined ? [] : [writeName(span, last.name, better)],
  });
}

/** `owner`: what the steps belong to, in words. */
export function checkStepsAccess(context: Context, site: ExpressionSite, steps: Steps, owner: string): void {
  if (!/steps/i.test(site.expression.source)) return;
  const say: Say = report => context.report({ ...report, step: site.step, job: site.job });
  const official = site.job !== undefined;
  for (const { path: [, id = '', property, output, ...more], last, span } of accesses(site, 'steps')) {
    const source = steps.get(id);
    if (property === undefined) {
      if (!source) {
        const before = [...steps.values()].filter(s => !site.step || s.index < site.step.index).map(s => idOf(s)!.value);
        const better = meant(last.name, before);
        const advice = better !== undefined ? `Write \`${better}\`` : 'Give the step that is meant this `id`';
        say({ at: span, messageId: 'step-unknown', data: { step: last.name, owner, advice }, official, fixes: better === undefined ? [] : [writeName(span, last.name, better)] });
      } else if (site.step && source.index >= site.step.index && (source === site.step || source.group === undefined || source.group !== site.step.group)) {
        const data = { step: last.name, when: source === site.step ? 'to its end only after this is read' : 'later' };
        say({ at: span, messageId: 'step-later', data, official, related: [{ at: idOf(source)!, message: 'The step' }] });
      }
    } else if (!source) continue;
    else if (output === undefined) {
      if (property === 'outputs' || property === 'outcome' || property === 'conclusion') continue;
      const better = meant(last.name, ['outputs', 'outcome', 'conclusion']);
      const data = { step: idOf(source)!.value, property: last.name, instead: instead(better, ['outputs', 'outcome', 'conclusion']) };
      say({ at: span, messageId: 'step-property', data, official, fixes: better === undefined ? [] : [writeName(span, last.name, better)] });
    } else if (property === 'outputs' && more.length === 0 && (source.uses?.kind === 'local' || source.uses?.kind === 'self')) {
      const known = context.query(localAction, source.uses.path ?? '')?.outputs;
      if (!known || known.some(o => o.toLowerCase() === last.name.toLowerCase())) continue;
      const better = meant(last.name, known);
      const data = { step: idOf(source)!.value, output: last.name, action: source.uses.text, instead: known.length > 0 ? instead(better, known) : 'what it does have, or declare it there' };
      say({ at: span, messageId: 'step-output', data, fixes: better === undefined ? [] : [writeName(span, last.name, better)] });
    }
  }
}
