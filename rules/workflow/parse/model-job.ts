import type { Job, Step } from '../model';
import { asMapping, asScalar, asSequence, deref, scalarList } from '../nodes';
import type { Entry, Span, YamlNode } from '../nodes';
import { concurrencyOf, entriesByKey, environmentOf, envOf, permissionsOf, usesOf } from './model-parts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Builds a job and its steps from `id: {...}`. */
export function jobOf(entry: Entry): Job {
  const node = asMapping(entry.value);
  const e = entriesByKey(node);
  const job: Mutable<Job> = {
    kind: 'job', id: entry.key.value, entry, node,
    name: e.get('name'), needs: scalarList(e.get('needs')?.value), if: e.get('if'), runsOn: e.get('runs-on'),
    permissions: permissionsOf(e.get('permissions')), environment: environmentOf(e.get('environment')),
    concurrency: concurrencyOf(e.get('concurrency')), outputs: e.get('outputs'), env: envOf(e.get('env')),
    defaults: e.get('defaults'), timeoutMinutes: e.get('timeout-minutes'), strategy: e.get('strategy'),
    continueOnError: e.get('continue-on-error'), container: e.get('container'), services: e.get('services'),
    cacheMode: e.get('cache-mode'), uses: usesOf(e.get('uses')), with: e.get('with'), secrets: e.get('secrets'),
    stepsEntry: e.get('steps'), steps: [],
  };
  job.steps = stepsOf(job.stepsEntry?.value, job);
  return job;
}

/** Steps of a list, those of `parallel:` groups behind their group. */
export function stepsOf(list: YamlNode | null | undefined, job?: Job): Step[] {
  const steps: Step[] = [];
  addSteps(steps, list, job, undefined, new Set());
  return steps;
}

/** `open` keeps a list that contains itself through aliases from being walked twice on one path. */
function addSteps(steps: Step[], list: YamlNode | null | undefined, job: Job | undefined, group: Step | undefined, open: Set<YamlNode>): void {
  const sequence = asSequence(list);
  if (!sequence || open.has(sequence) || steps.length >= MAX_STEPS) return;
  open.add(sequence);
  for (const item of sequence.items) {
    const node = deref(item.value);
    if (node?.kind !== 'mapping' || steps.length >= MAX_STEPS) continue;
    const e = entriesByKey(node);
    const span: Span = { block: item.block, start: item.start, end: item.end };
    const step: Mutable<Step> = {
      kind: 'step', index: steps.length, node, item: span,
      id: e.get('id'), name: e.get('name'), if: e.get('if'), uses: usesOf(e.get('uses')), with: e.get('with'),
      env: envOf(e.get('env')), shell: e.get('shell'), workingDirectory: e.get('working-directory'),
      continueOnError: e.get('continue-on-error'), timeoutMinutes: e.get('timeout-minutes'),
      background: e.get('background'), wait: e.get('wait'), waitAll: e.get('wait-all'), cancel: e.get('cancel'),
      parallel: e.get('parallel'), group, job,
    };
    const run = e.get('run');
    const script = asScalar(run?.value);
    if (run && script) step.run = { entry: run, scalar: script, step };
    steps.push(step);
    if (step.parallel) addSteps(steps, step.parallel.value, job, step, open);
  }
  open.delete(sequence);
}

/** Aliased groups inside aliased groups multiply; no real job comes near. */
const MAX_STEPS = 20_000;
