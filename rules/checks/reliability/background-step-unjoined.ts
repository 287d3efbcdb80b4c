import { defineRule, type Fix } from '../../engine/rule';
import { deleteEntry, insertStep, setStepKey } from '../../workflow/edits';
import { dottedPath, walkExpr } from '../../workflow/expressions';
import type { Job, Step } from '../../workflow/model';
import { scalarList, scalarText, type Entry } from '../../workflow/nodes';
import { isGate, outsideKinds, stepKinds } from '../shared/job-kind';
import { argvsOf } from '../shared/step-commands';

export default defineRule({
  id: 'background-step-unjoined',
  category: 'reliability',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 0,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds background steps that nothing waits for in time, and parallel steps that GitHub refuses.',
    why: 'What a background step has found out counts only once something waits for it: its outputs are empty and its failure unknown until then.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax',
      'https://github.blog/changelog/2026-06-25-actions-steps-can-now-be-run-in-parallel',
    ],
    standards: ['STRIDE-R', 'STRIDE-D'],
  },
  messages: {
    late: 'This runs in the background and nothing waits for it before `{next}`, which goes ahead although this fails. Put `wait-all:` between them.',
    service: '`{what}` runs until it is stopped, and nothing cancels it, so the job ends with its timeout. Add a step `cancel: {id}` behind the last one that uses it.',
    output: '`steps.{id}` is read before anything has waited for the background step `{id}`, so it is empty. Put `wait: {id}` ahead of this step.',
    unknown: 'No step ahead has the id `{id}`, so GitHub refuses the file. Name a background step.',
    nested: '`{key}` can\'t stand in `parallel`, where all steps run in the background anyway, so GitHub refuses the file. Remove it.',
  },
  create(context) {
    return {
      step(step) {
        for (const entry of [step.background, step.wait, step.waitAll, step.cancel, step.parallel]) {
          if (!entry || !step.job) continue;
          context.instance();
          const data = { key: entry.key.value };
          if (step.group) context.report({ at: entry.key, messageId: 'nested', data, step, job: step.job, fixes: entry === step.background ? [removeBackground(step, entry)] : [] });
        }
      },
      job(job) {
        if (!job.steps.some(s => s.background ?? s.wait ?? s.cancel)) return;
        const ids = new Set<string>();
        for (const step of job.steps) {
          for (const target of [...scalarList(step.wait?.value), ...scalarList(step.cancel?.value)]) {
            const id = target.value.toLowerCase();
            if (!target.value.includes('${{') && !ids.has(id)) context.report({ at: target, messageId: 'unknown', data: { id: target.value }, step, job });
          }
          const id = scalarText(step.id?.value)?.toLowerCase();
          if (id !== undefined) ids.add(id);
        }
        for (const step of job.steps) if (isBackground(step) && !step.group) lookAtEnd(job, step);
      },
      expression({ expression, span, step, job, path }) {
        if (!step || !job || path === 'if' || !job.steps.some(isBackground)) return;
        for (const e of walkExpr(expression.root)) {
          const id = /^steps\.([\w-]+)\.outputs\./.exec(dottedPath(e) ?? '')?.[1];
          const source = id === undefined ? undefined : job.steps.find(s => scalarText(s.id?.value)?.toLowerCase() === id.toLowerCase());
          if (!source || source === step || !isBackground(source) || source.group || source.index > step.index || joinedBetween(job, source, step)) continue;
          context.report({ at: span, messageId: 'output', data: { id: id! }, step, job, fixes: [insertBefore(job, step, `wait: ${id!}`, `Wait for ${id!} first`)] });
          return;
        }
      },
    };

    function lookAtEnd(job: Job, step: Step): void {
      const entry = step.background!, id = scalarText(step.id?.value);
      const service = servesForever(step);
      if (service !== undefined) {
        if (!joins(job, step, 'cancel') && !joins(job, step, 'wait')) {
          context.report({ at: entry, messageId: 'service', confidence: 'medium', data: { what: service, id: id ?? 'its id' }, step, job, fixes: [cancelAtEnd(job, step, id)] });
        }
        return;
      }
      if (!isGate(step) && !stepKinds(step).has('build')) return;
      const next = job.steps.find(s => s.index > step.index && !s.group && outsideKinds(s).length > 0);
      if (!next || joinedBetween(job, step, next)) return;
      context.report({
        at: entry, messageId: 'late', data: { next: scalarText(next.name?.value) ?? next.uses?.text.split('@')[0] ?? 'the step that publishes' }, step, job,
        related: [{ at: next.item, message: 'It goes ahead.' }],
        fixes: [insertBefore(job, next, 'wait-all:', 'Wait for all background steps first')],
      });
    }
  },
});

function isBackground(step: Step): boolean { return scalarText(step.background?.value)?.toLowerCase() === 'true'; }

/** Whether something between two steps waits for the first. */
function joinedBetween(job: Job, from: Step, to: Step): boolean {
  return job.steps.some(s => s.index > from.index && s.index < to.index && (s.waitAll !== undefined || names(s.wait, from) || names(s.cancel, from)));
}

function joins(job: Job, step: Step, by: 'wait' | 'cancel'): boolean { return job.steps.some(s => names(s[by], step)); }

function names(entry: Entry | undefined, step: Step): boolean {
  const id = scalarText(step.id?.value)?.toLowerCase();
  return id !== undefined && scalarList(entry?.value).some(t => t.value.toLowerCase() === id || t.value.includes('${{'));
}

const SERVES = /^(?:(?:npm|pnpm|yarn|bun) (?:run )?(?:start|serve|dev|preview|storybook)(?: |$)|(?:npx |bunx |python3? -m |bundle exec |uv run |poetry run )?(?:http\.server|http-server|serve|uvicorn|gunicorn|hypercorn|nodemon|rails (?:server|s)|puma|flask run|manage\.py runserver|vite(?: preview| dev)?$|kubectl port-forward|minio server|php -S|php artisan serve|hugo server|mkdocs serve|json-server)(?: |$)|kubectl port-forward |tail -[fF])/;

/** The command of a step that serves until somebody stops it; undefined where it is none, or where the script goes on behind it. */
function servesForever(step: Step): string | undefined {
  const last = argvsOf(step).at(-1)?.map(w => w ?? '$').join(' ');
  return last !== undefined && SERVES.test(last) && !/[^&]&\s*$/.test(step.run?.scalar.value ?? '') ? last.slice(0, 40) : undefined;
}

/** The file is refused as it is: nothing that works today can break. */
function removeBackground(step: Step, entry: Entry): Fix {
  return { title: 'Remove background', safety: 'safe', preferred: true, edits: ({ document }) => deleteEntry(document, entry, step.node) };
}

function insertBefore(job: Job, step: Step, yaml: string, title: string): Fix {
  const outer = step.group ?? step;
  return { title, safety: 'unsafe', preferred: true, edits: ({ document }) => insertStep(document, job, outer.index, `- ${yaml}`) };
}

function cancelAtEnd(job: Job, step: Step, id: string | undefined): Fix {
  const name = id ?? `background-${step.index + 1}`;
  return {
    title: `Cancel ${name} at the end`,
    safety: 'unsafe',
    preferred: true,
    edits: ({ document }) => {
      const added = insertStep(document, job, job.steps.length, `- cancel: ${name}`);
      const named = id === undefined ? setStepKey(document, step, 'id', name) : [];
      return added && named ? [...named, ...added] : undefined;
    },
  };
}
