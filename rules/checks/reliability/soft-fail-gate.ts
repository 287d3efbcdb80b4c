import { defineRule, type Fix } from '../../engine/rule';
import { deleteEntry, insertStep, quoteIfNeeded, setStepKey } from '../../workflow/edits';
import { dottedPath, expressionsOf, walkExpr } from '../../workflow/expressions';
import type { Job, Step } from '../../workflow/model';
import { asScalar, scalarText, type Entry, type MappingNode } from '../../workflow/nodes';
import { GATES, jobKinds, stepKinds, type JobKind } from '../shared/job-kind';

export default defineRule({
  id: 'soft-fail-gate',
  category: 'reliability',
  severity: 'high',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds tests, linters, scans, migrations and deployments that are marked `continue-on-error`.',
    why: 'A gate that cannot fail turns its check mark into a false statement, and branch protection and deployments trust it.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepscontinue-on-error',
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-01-Insufficient-Flow-Control-Mechanisms',
    ],
    standards: ['SEC-1', 'OSPS-QA-03.01'],
  },
  messages: {
    step: 'This step is a gate ({kind}), yet its failure is ignored and the job stays green. Remove `continue-on-error`, or check the outcome at the end of the job.',
    job: 'Job `{job}` is a gate ({kind}), yet its failure does not fail the run. Remove `continue-on-error`.',
  },
  aliases: {},
  keepsState: true,
  create(context) {
    const soft: { step: Step; entry: Entry; kind: JobKind }[] = [];
    const outcomesRead = new Set<string>();
    return {
      job(job) {
        const kind = gateKind(jobKinds(job));
        if (!kind) return;
        context.instance();
        const entry = job.continueOnError;
        if (isExperiment(job)) return;
        if (!entry || !isAlwaysTrue(entry) || !job.node) return;
        context.report({ at: entry, messageId: 'job', data: { job: job.id, kind }, adjust: explained(entry), fixes: [removal(entry, job.node)] });
      },
      step(step) {
        const kind = gateKind(stepKinds(step));
        if (!kind || decidesNothing(step)) return;
        context.instance();
        if (step.job && isExperiment(step.job)) return;
        if (step.continueOnError && isAlwaysTrue(step.continueOnError)) soft.push({ step, entry: step.continueOnError, kind });
      },
      expression({ expression }) {
        // Names count without case.
        if (!/outcome/i.test(expression.source)) return;
        for (const node of walkExpr(expression.root)) {
          const read = /^steps\.(.+)\.outcome$/.exec(dottedPath(node) ?? '');
          if (read) outcomesRead.add(read[1]!);
        }
      },
      end() {
        // `steps.*.outcome` reads them all.
        if (outcomesRead.has('*')) return;
        for (const { step, entry, kind } of soft) {
          if (outcomesRead.has((scalarText(step.id?.value) ?? '').toLowerCase())) continue;
          context.report({ at: entry, messageId: 'step', data: { kind }, adjust: explained(entry), step, job: step.job, fixes: [removal(entry, step.node), ...outcomeCheck(step)] });
        }
      },
    };
  },
});

function gateKind(kinds: ReadonlySet<JobKind>): JobKind | undefined {
  return GATES.find(k => kinds.has(k));
}

/** A constant only: what depends on the matrix or the event lets some runs fail, and that can be meant. */
function isAlwaysTrue(entry: Entry): boolean {
  const scalar = asScalar(entry.value);
  if (!scalar) return false;
  if (/^true$/i.test(scalar.value)) return true;
  const [only, ...more] = expressionsOf(scalar, { bare: false });
  return only?.root.kind === 'literal' && only.root.value === true && more.length === 0;
}

/** Measures, repairs, or finds out which tests are unreliable: people look at what comes of it, and nothing waits for it. */
function decidesNothing(step: Step): boolean {
  return /\bbench(?:mark)?(?:s|ing)?\b|\bflaky\b|\baudit[- ]fix\b/i.test(`${scalarText(step.name?.value) ?? ''} ${step.job?.id.replaceAll('_', ' ') ?? ''}`);
}

const MAX_INDENT = 200;

/** A comment behind it, or on the line above it: somebody has thought about it, and the next one can read what. */
function explained({ block, start, end }: Entry): { by: number; reason: string }[] {
  const { text } = block;
  const told = block.comments.some(c => (c.start >= end
    ? !/[\r\n]/.test(text.slice(end, c.start))
    : c.start < start && /^[^\r\n]*(?:\r\n?|\n)[ \t]*$/.test(text.slice(c.start, start)) && /(?:^|[\r\n])[ \t]*$/.test(text.slice(Math.max(0, c.start - MAX_INDENT), c.start))));
  return told ? [{ by: -1, reason: 'A comment beside it says why.' }] : [];
}

/** Runs against what is not released yet, or is known to be unreliable, and says so in its name. */
function isExperiment(job: Job): boolean {
  return /(?:^|[^a-z])(?:alpha|beta|canary|dev|edge|experimental|experiment|flaky|head|nightly|next|preview|quarantined?|tip|unstable|allowed?[-_ ]?(?:to[-_ ]?fail|failures?))(?:[^a-z]|$)/i
    .test(`${job.id} ${scalarText(job.name?.value) ?? ''}`);
}

function removal(entry: Entry, parent: MappingNode): Fix {
  return { title: 'Remove continue-on-error', safety: 'unsafe', preferred: true, edits: ({ document }) => deleteEntry(document, entry, parent) };
}

/** Keeps the key and fails the job at its end: for jobs that must go on to collect reports. */
function outcomeCheck(step: Step): Fix[] {
  const { job } = step;
  if (!job || step.group || step.background) return [];
  return [{
    title: 'Keep it, and fail the job at its end',
    safety: 'unsafe',
    edits({ document }) {
      const known = scalarText(step.id?.value);
      const id = known ?? freeId(job, step);
      const naming = known === undefined ? setStepKey(document, step, 'id', id) : [];
      const name = quoteIfNeeded(`Fail where ${scalarText(step.name?.value)?.replace(/\$\{\{.*?\}\}/g, '…') ?? id} failed`);
      const check = insertStep(document, job, Infinity, `name: ${name}\nif: \${{ !cancelled() && steps.${id}.outcome == 'failure' }}\nrun: exit 1\n`);
      return naming && check ? [...naming, ...check] : undefined;
    },
  }];
}

function freeId(job: Job, step: Step): string {
  const words = (scalarText(step.name?.value) ?? '').toLowerCase().match(/[a-z][a-z0-9]*/g)?.slice(0, 3) ?? [];
  const base = words.length ? words.join('-') : 'gate';
  const taken = new Set(job.steps.map(s => scalarText(s.id?.value)?.toLowerCase()));
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!taken.has(id)) return id;
  }
}
