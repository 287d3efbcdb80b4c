import type { ActionFile, DependabotFile, DependabotUpdate, Job, Trigger, Workflow } from '../model';
import { asMapping, asScalar, asSequence, deref, getEntry, scalarList } from '../nodes';
import type { Entry, MappingNode, ScalarNode, YamlNode } from '../nodes';
import { stepsOf } from './model-job';
import { concurrencyOf, envOf, inputsOf, permissionsOf } from './model-parts';

function lastEntries(entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  return new Map(entries.map(e => [e.key.value, e]));
}

export function workflowOf(entries: readonly Entry[], jobs: readonly Job[]): Workflow {
  const e = lastEntries(entries);
  const on = e.get('on');
  return {
    kind: 'workflow', notes: [], entries, jobs, on, triggers: triggersOf(on),
    name: e.get('name'), runName: e.get('run-name'), permissions: permissionsOf(e.get('permissions')), env: envOf(e.get('env')),
    defaults: e.get('defaults'), concurrency: concurrencyOf(e.get('concurrency')), cacheMode: e.get('cache-mode'), jobsEntry: e.get('jobs'),
  };
}

function triggersOf(on: Entry | undefined): Trigger[] {
  const value = deref(on?.value);
  if (!value) return [];
  if (value.kind === 'mapping') return value.entries.map(e => triggerOf(e.key, e.value));
  return scalarList(value).map(node => ({ event: node.value, node }));
}

function triggerOf(key: ScalarNode, value: YamlNode | null): Trigger {
  const event = key.value;
  if (event === 'schedule') {
    const cron = (asSequence(value)?.items ?? []).map(i => asScalar(getEntry(i.value, 'cron')?.value)).filter(s => s !== undefined);
    return { event, node: key, cron };
  }
  const config = asMapping(value);
  if (!config) return { event, node: key };
  const inputs = getEntry(config, 'inputs');
  const call = event === 'workflow_call' || event === 'workflow_dispatch';
  const secrets = getEntry(config, 'secrets'), outputs = getEntry(config, 'outputs');
  return {
    event, node: key, config,
    types: texts(config, 'types'), branches: texts(config, 'branches'), branchesIgnore: texts(config, 'branches-ignore'),
    tags: texts(config, 'tags'), tagsIgnore: texts(config, 'tags-ignore'), paths: texts(config, 'paths'),
    pathsIgnore: texts(config, 'paths-ignore'), workflows: texts(config, 'workflows'),
    inputs: call ? inputsOf(inputs?.value) : undefined,
    secrets: call && secrets ? asMapping(secrets.value)?.entries ?? [] : undefined,
    outputs: call && outputs ? asMapping(outputs.value)?.entries ?? [] : undefined,
  };
}

function texts(config: MappingNode, key: string): string[] | undefined {
  const entry = getEntry(config, key);
  return entry && scalarList(entry.value).map(s => s.value);
}

export function actionOf(entries: readonly Entry[]): ActionFile {
  const e = lastEntries(entries);
  const runs = e.get('runs');
  const using = asScalar(getEntry(runs?.value, 'using')?.value);
  return {
    kind: 'action', notes: [], entries, name: e.get('name'), description: e.get('description'), inputs: inputsOf(e.get('inputs')?.value),
    outputs: e.get('outputs'), runs, using, steps: stepsOf(getEntry(runs?.value, 'steps')?.value),
  };
}

export function dependabotOf(entries: readonly Entry[]): DependabotFile {
  const e = lastEntries(entries);
  const updatesEntry = e.get('updates');
  const updates: DependabotUpdate[] = [];
  for (const item of asSequence(updatesEntry?.value)?.items ?? []) {
    const node = asMapping(item.value);
    if (!node) continue;
    updates.push({
      node, item: { block: item.block, start: item.start, end: item.end },
      ecosystem: asScalar(getEntry(node, 'package-ecosystem')?.value),
      directories: [...scalarList(getEntry(node, 'directory')?.value), ...scalarList(getEntry(node, 'directories')?.value)],
      schedule: getEntry(node, 'schedule'), cooldown: getEntry(node, 'cooldown'), groups: getEntry(node, 'groups'),
    });
  }
  return { kind: 'dependabot', notes: [], entries, version: e.get('version'), updatesEntry, updates, registries: e.get('registries') };
}
