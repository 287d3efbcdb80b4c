import type { Job, Step } from '../model';
import { asMapping, asScalar, asSequence, deref, scalarList } from '../nodes';
import type { Entry, MappingNode, Span, YamlNode } from '../nodes';
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
    const step = stepOf(node, { block: item.block, start: item.start, end: item.end }, steps.length, job, group);
    steps.push(step);
    if (step.parallel) addSteps(steps, step.parallel.value, job, step, open);
  }
  open.delete(sequence);
}

function stepOf(node: MappingNode, item: Span, index: number, job: Job | undefined, group: Step | undefined): Step {
  const step: Mutable<Step> = {
    kind: 'step', index, node, item, id: undefined, name: undefined, if: undefined, run: undefined, uses: undefined, with: undefined,
    env: undefined, shell: undefined, workingDirectory: undefined, continueOnError: undefined, timeoutMinutes: undefined,
    background: undefined, wait: undefined, waitAll: undefined, cancel: undefined, parallel: undefined, group, job,
  };
  for (const e of node.entries) {
    switch (e.key.value) {
      case 'id': step.id = e; break;
      case 'name': step.name = e; break;
      case 'if': step.if = e; break;
      case 'run': {
        const scalar = asScalar(e.value);
        step.run = scalar && { entry: e, scalar, step };
        break;
      }
      case 'uses': step.uses = usesOf(e); break;
      case 'with': step.with = e; break;
      case 'env': step.env = envOf(e); break;
      case 'shell': step.shell = e; break;
      case 'working-directory': step.workingDirectory = e; break;
      case 'continue-on-error': step.continueOnError = e; break;
      case 'timeout-minutes': step.timeoutMinutes = e; break;
      case 'background': step.background = e; break;
      case 'wait': step.wait = e; break;
      case 'wait-all': step.waitAll = e; break;
      case 'cancel': step.cancel = e; break;
      case 'parallel': step.parallel = e; break;
    }
  }
  return step;
}

/** Aliased groups inside aliased groups multiply; no real job comes near. */
const MAX_STEPS = 20_000;
