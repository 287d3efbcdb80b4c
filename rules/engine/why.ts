/** What rules have to say about a place, and why it isn't shown: for people who had expected a finding, or none. */
import type { OffsetRange, SourceDocument } from '../workflow/document';
import { expressionsOf, expressionSpan } from '../workflow/expressions';
import type { Step } from '../workflow/model';
import { analyze, analyzeRepository, type EngineEnv } from './analyze';
import { directivesOf, type Directive } from './directives';
import type { Finding, RuleError } from './finding';
import { compileGlob } from './glob';
import { META_IDS } from './meta';
import type { AnyRule, Config, RuleContext, Visitors } from './rule';
import { enabledRules } from './select';

export type WhyStatus = 'shown' | 'suppressed' | 'ignored' | 'absorbed' | 'elsewhere' | 'expired' | 'failed' | 'off' | 'profile' | 'online' | 'silent';

export interface WhyEntry {
  readonly rule: string;
  readonly status: WhyStatus;
  /** One or two sentences. */
  readonly text: string;
}

export interface WhyInput extends EngineEnv {
  /** Everything found in the file as it is configured, of rules of repository scope, too; suppressed and absorbed ones included. */
  readonly findings: readonly Finding[];
  readonly errors: readonly RuleError[];
  /** Whether another extension shows what it reports itself. */
  readonly official: boolean;
  /** What turned a rule off, as it is shown: the configuration file, or the settings. */
  offBy(rule: string): string;
}

const ORDER: readonly WhyStatus[] = ['suppressed', 'ignored', 'absorbed', 'elsewhere', 'off', 'profile', 'expired', 'shown', 'failed', 'online', 'silent'];

/** About the line that `offset` is in, what is there at the offset itself first. What has been found, then what was not asked, then who had nothing to say. */
export function explainPlace(document: SourceDocument, offset: number, input: WhyInput): WhyEntry[] {
  const at = lineAround(document, offset);
  const enabled = enabledRules(input.rules, input.config);
  const on = new Set(enabled.map(e => e.rule.id));
  const entries: WhyEntry[] = [];
  const found = [...input.findings].filter(f => touches(f.range, at)).sort((a, b) => Number(touches(b.range, here(offset))) - Number(touches(a.range, here(offset))));
  for (const finding of found) entries.push(ofFinding(document, finding, input));
  const all: EngineEnv = { ...input, config: everything(input.config) };
  const whole = input.repository ? analyzeRepository(input.repository, all).findings.get(document.path) ?? [] : [];
  for (const finding of [...analyze(document, all).findings, ...whole]) {
    if (on.has(finding.ruleId) || META_IDS.has(finding.ruleId) || !touches(finding.range, at)) continue;
    const off = Object.hasOwn(input.config.rules, finding.ruleId) && input.config.rules[finding.ruleId]?.severity === 'off';
    entries.push(off ? { rule: finding.ruleId, status: 'off', text: `${finding.message} The rule is turned off by ${input.offBy(finding.ruleId)}.` }
      : { rule: finding.ruleId, status: 'profile', text: `${finding.message} The rule belongs to the profile \`strict\`; this repository uses \`${input.config.profile}\`.` });
  }
  for (const { ruleId, message } of input.errors) entries.push({ rule: ruleId, status: 'failed', text: `The rule failed on this file, so it says nothing about it: ${message}` });
  const said = new Set(entries.map(e => e.rule));
  const kinds = kindsAt(document, offset);
  for (const { rule } of enabled) {
    if (said.has(rule.id) || META_IDS.has(rule.id) || !kindsOf(rule).some(k => kinds.has(k))) continue;
    if (rule.online && (input.online === undefined || input.online.size === 0)) entries.push({ rule: rule.id, status: 'online', text: `It needs to ask GitHub, which has not been done. ${rule.docs.summary}` });
    else entries.push({ rule: rule.id, status: 'silent', text: rule.docs.summary });
  }
  return entries.sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
}

function ofFinding(document: SourceDocument, finding: Finding, input: WhyInput): WhyEntry {
  const { ruleId: rule, message, suppressed } = finding;
  if (suppressed) {
    const why = suppressed.reason === '' ? '' : ` (${suppressed.reason})`;
    if (suppressed.kind === 'config') return { rule, status: 'ignored', text: `${message} An entry under \`ignore\` in the configuration keeps it from being shown${why}.` };
    const line = naming(document, rule);
    return { rule, status: 'suppressed', text: `${message} A comment${line === undefined ? '' : ` in line ${line + 1}`} suppresses it${why}.` };
  }
  if (finding.absorbedBy !== undefined) return { rule, status: 'absorbed', text: `${message} It is told by the stronger finding of \`${finding.absorbedBy}\` in the same job, as related information.` };
  if (finding.official && input.official) return { rule, status: 'elsewhere', text: `${message} GitHub's own extension reports this; here it is not said a second time.` };
  const ended = endedFor(document, finding, input);
  return ended === undefined ? { rule, status: 'shown', text: message } : { rule, status: 'expired', text: `${message} ${ended}` };
}

/** Line of the comment that names a rule; undefined where several do, or one by another tool's name for it. */
function naming(document: SourceDocument, rule: string): number | undefined {
  const lines = directivesOf(document).filter(d => !d.invalid && d.ids.some(i => i.id === rule)).map(d => d.line);
  return lines.length === 1 ? lines[0] : undefined;
}

/** Why something that once was suppressed is shown again. */
function endedFor(document: SourceDocument, finding: Finding, { config, today = new Date().toISOString().slice(0, 10) }: WhyInput): string | undefined {
  const line = document.positionAt(finding.range.start).line;
  const covers = (d: Directive): boolean => d.scope === 'file' || [finding.range, finding.step, finding.job].some(r => r && document.positionAt(r.start).line === d.target) || d.target === line;
  const comment = directivesOf(document).find(d => d.until !== undefined && d.until < today && d.ids.some(i => i.id === finding.ruleId) && covers(d));
  if (comment) return `The suppression in line ${comment.line + 1} ended on ${comment.until}.`;
  const entry = config.ignore.find(i => (i.rule === '*' || i.rule === finding.ruleId) && i.until !== undefined && i.until < today
    && (i.path === undefined || compileGlob(i.path)?.(document.path)));
  return entry && `The entry under \`ignore\` in the configuration ended on ${entry.until}.`;
}

/** Every rule on, with the options that are set. */
function everything(config: Config): Config {
  const rules = Object.fromEntries(Object.entries(config.rules).map(([id, setting]) => [id, setting.severity === 'off' ? { options: setting.options } : setting]));
  return { ...config, profile: 'strict', rules };
}

const here = (offset: number): OffsetRange => ({ start: offset, end: offset });
const touches = (a: OffsetRange, b: OffsetRange): boolean => a.start <= b.end && b.start <= a.end;

function lineAround(document: SourceDocument, offset: number): OffsetRange {
  const { line } = document.positionAt(offset);
  const start = document.lineStarts[line] ?? 0;
  const end = start + document.text.slice(start, document.lineStarts[line + 1] ?? document.text.length).replace(/[\r\n]+$/, '').length;
  const indent = /^[\s-]*/.exec(document.text.slice(start, end))![0].length;
  return { start: start + indent, end };
}

type Kind = keyof Visitors;
const known = new WeakMap<AnyRule, readonly Kind[]>();

/** The kinds of things that a rule looks at. */
function kindsOf(rule: AnyRule): readonly Kind[] {
  let kinds = known.get(rule);
  if (!kinds) known.set(rule, kinds = ask(rule));
  return kinds;
}

function ask(rule: AnyRule): readonly Kind[] {
  const nobody: Pick<RuleContext, 'report' | 'instance' | 'options'> = {
    report: () => undefined, instance: () => undefined,
    options: Object.fromEntries(Object.entries((rule.options ?? {}) as Record<string, { default: unknown }>).map(([name, { default: value }]) => [name, value])),
  };
  try {
    return Object.keys(rule.create(nobody as never)) as Kind[];
  } catch {
    // Asked before it was shown anything: what it would look at isn't known.
    return [];
  }
}

/** What stands at an offset, as rules are shown it. */
function kindsAt(document: SourceDocument, offset: number): ReadonlySet<Kind> {
  const line = lineAround(document, offset);
  const kinds = new Set<Kind>();
  const { workflow, action, dependabot } = document;
  if (dependabot) for (const kind of ['dependabot', 'update'] as const) kinds.add(kind);
  const job = workflow?.jobs.find(j => touches(document.range(j.entry), line));
  if (workflow && !job) kinds.add('workflow');
  const step = (job?.steps ?? action?.steps ?? []).find(s => touches(document.range(s.item), line));
  if (action && !step) kinds.add('action');
  if (job && (!step || touches(document.range(job.entry.key), line))) for (const kind of ['job', 'workflow'] as const) kinds.add(kind);
  if (job?.uses && touches(document.range(job.uses.scalar), line)) kinds.add('uses');
  if (step) for (const kind of ofStep(document, step, line)) kinds.add(kind);
  return kinds;
}

function* ofStep(document: SourceDocument, step: Step, line: OffsetRange): Generator<Kind> {
  yield 'step';
  if (step.uses && touches(document.range(step.uses.scalar), line)) yield 'uses';
  const { run } = step;
  if (run && touches(document.range(run.entry), line)) {
    yield 'script';
    if (expressionsOf(run.scalar).some(e => touches(document.range(expressionSpan(run.scalar, e)), line))) yield 'expression';
  } else if (document.text.slice(line.start, line.end).includes('${{')) yield 'expression';
}
