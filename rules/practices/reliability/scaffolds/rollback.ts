/** Remembers what runs ahead of a deployment, and a job that puts it back where the deployment or its verification fails. */
import type { Repository } from '../../../repository';
import { setJobKey } from '../../../workflow/edits';
import { inputText } from '../../../checks/shared/action-kind';
import { dependentsOf } from '../../../checks/shared/started';
import { scalarText } from '../../../workflow/nodes';
import type { Scaffold } from '../../practice';
import type { Deployment } from '../../shared/deployments';
import { addCheckout, Changes, deployingJobs, editable, environmentName, jobName, loginSteps, ownStep, runnerOf } from '../../shared/deploy-edits';
import { SCRIPTS } from '../../shared/programme';
import { checkoutStep, jobHead, yamlText } from '../../shared/snippets';
import { SCRIPT_TEXTS } from '../scripts';

const SCRIPT = 'release-state.sh';
const PLAIN = /^[\w./:@=,-]+$/;

/** The words for release-state.sh; undefined where the deployment's target can't be told from it. */
export function targetOf(d: Deployment): readonly string[] | undefined {
  const words = d.line?.words ?? [];
  if (words[0] === 'kubectl') return kubectlTarget(words);
  if (words[0] === 'helm' && (words[1] === 'upgrade' || words[1] === 'install')) {
    const plain = words.slice(2).filter((w, i, all) => !w.startsWith('-') && !/^-(?:n|f)$|^--(?:namespace|values|set|version|timeout|set-string|kube-context)$/.test(all[i - 1] ?? ''));
    return plain[0] && PLAIN.test(plain[0]) ? ['helm', plain[0], ...pair(words, ['-n', '--namespace'], '--namespace')] : undefined;
  }
  if (words[0] === 'aws' && words[1] === 'ecs') {
    const at = (name: string): string | undefined => valueOf(words, [name]);
    const cluster = at('--cluster') ?? 'default', service = at('--service');
    return service && PLAIN.test(service) && PLAIN.test(cluster) ? ['ecs', cluster, service] : undefined;
  }
  if (d.what === 'aws-actions/amazon-ecs-deploy-task-definition') {
    const cluster = inputOf(d, 'cluster') ?? 'default', service = inputOf(d, 'service');
    return service && PLAIN.test(service) && PLAIN.test(cluster) ? ['ecs', cluster, service] : undefined;
  }
  if (words[0] === 'gcloud' && words[1] === 'run' && words[2] === 'deploy') {
    const region = valueOf(words, ['--region']), service = words[3];
    return region && service && PLAIN.test(service) && PLAIN.test(region) ? ['cloudrun', service, region] : undefined;
  }
  if (d.what === 'google-github-actions/deploy-cloudrun') {
    const region = inputOf(d, 'region') ?? 'us-central1', service = inputOf(d, 'service');
    return service && PLAIN.test(service) && PLAIN.test(region) ? ['cloudrun', service, region] : undefined;
  }
  return undefined;
}

/** An input's text; variables of the job or the workflow that are written out are put in their place. */
function inputOf(d: Deployment, name: string): string | undefined {
  const text = inputText(d.step.step, name), variable = /^\$\{\{ *env\.(\w+) *\}\}$/.exec(text ?? '')?.[1];
  if (variable === undefined) return text;
  const found = [d.step.step.env, d.job.job.env, d.job.document.workflow?.env].flatMap(e => e?.variables ?? []).find(v => v.name === variable);
  return found && scalarText(found.entry.value);
}

function kubectlTarget(words: readonly string[]): readonly string[] | undefined {
  const space = pair(words, ['-n', '--namespace'], '--namespace'), verb = words.find((w, i) => i > 0 && !w.startsWith('-'));
  const folder = valueOf(words, ['-f', '--filename', '-k', '--kustomize']);
  if (verb === 'apply' || verb === 'replace') {
    if (!folder || !PLAIN.test(folder) || folder === '-' || folder.startsWith('http')) return undefined;
    const flag = words.some(w => w === '-k' || w.startsWith('--kustomize')) ? '-k' : '-f';
    return ['kubectl', ...(words.includes('-R') || words.includes('--recursive') ? ['-R'] : []), flag, folder, ...space];
  }
  const named = words.find(w => /^(?:deploy|deployment|statefulset|sts)(?:s|\.apps)?\/[\w.-]+$/.test(w));
  return named ? ['kubectl', named, ...space] : undefined;
}

function valueOf(words: readonly string[], names: readonly string[]): string | undefined {
  for (const [i, w] of words.entries()) {
    if (names.includes(w)) return words[i + 1];
    const name = names.find(n => w.startsWith(`${n}=`));
    if (name) return w.slice(name.length + 1);
  }
  return undefined;
}

function pair(words: readonly string[], names: readonly string[], as: string): string[] {
  const value = valueOf(words, names);
  return value && PLAIN.test(value) ? [as, value] : [];
}

/** `open`: deployments without a way back. */
export function rollbackScaffold(open: (repo: Repository) => readonly Deployment[]): Scaffold {
  return {
    kind: 'job',
    title: 'Add a rollback job',
    plan(repo) {
      const all = deployingJobs(open(repo));
      if (all.length === 0) return { refused: 'There is no deployment here that lacks a way back.' };
      const known = all.filter(d => editable(d) && !d.job.job.strategy && !d.job.job.outputs && d.step.outer === undefined && targetOf(d));
      if (known.length === 0)
        return { refused: `What ${all[0]!.what} deploys can't be put back by a generated job: it knows kubectl, helm, Amazon ECS and Cloud Run, with names that are written out, in a job without a matrix or outputs.` };
      const changes = new Changes(repo), made: string[] = [];
      for (const d of known) add(changes, d, known.length > 1, made);
      changes.addFile(`${SCRIPTS}/${SCRIPT}`, SCRIPT_TEXTS[SCRIPT]);
      const left = all.filter(d => !known.includes(d)).map(d => d.job.job.id);
      if (left.length > 0) changes.todo.push(`Add a way back for ${left.join(', ')}, too: what is deployed there can't be told from the workflow.`);
      return made.length === 0 ? { refused: 'The workflows that deploy are written in a way to which no job can be added without disturbing them.' }
        : changes.plan(`Each deployment remembers what ran before it; ${made.join(', ')} ${made.length === 1 ? 'puts' : 'put'} that back where the deployment, or a check behind it, fails, within fifteen minutes.`,
          ['Rehearse it: deploy an image that doesn\'t start, and see the previous one come back.'])!;
    },
  };
}

function add(changes: Changes, d: Deployment, several: boolean, made: string[]): void {
  const { path } = d.job.document, { id } = d.job.job, target = targetOf(d)!, at = ownStep(d).index, login = loginSteps(d.job.document, d);
  const words = target.join(' '), environment = environmentName(d.job.job), name = several ? `rollback-${id}` : 'rollback';
  const shift = addCheckout(changes, path, id, at);
  const recorded = changes.addStep(path, id, at + shift, [
    '  - name: Remember what runs',
    '    id: previous',
    `    run: bash ${SCRIPTS}/${SCRIPT} record ${words}`,
  ]);
  if (!recorded) return;
  const output = changes.edit(path, doc => {
    const job = doc.workflow?.jobs.find(j => j.id === id);
    return job && setJobKey(doc, job, 'outputs', { 'previous-release': '${{ steps.previous.outputs.previous-release }}' });
  });
  if (!output) return;
  // Checks behind the deployment fail it, too.
  const behind = [...dependentsOf(changes.document(path)!.workflow!)].filter(([j]) => j.id === id).flatMap(([, js]) => js)
    .filter(j => /verif|smoke|health/i.test(j.id)).map(j => j.id);
  const needs = [id, ...behind], failed = needs.map(n => `needs.${n}.result == 'failure'`).join(' || ');
  const added = changes.addJob(path, {
    id: name,
    yaml: [
      ...jobHead(several ? `Roll back ${jobName(d.job)}` : 'Roll back', 15, login.scopes, runnerOf(d.job.job)).flatMap(l => (l.startsWith('runs-on')
        ? [`needs: ${needs.length === 1 ? id : `[${needs.join(', ')}]`}`, `if: \${{ failure() && ${needs.length === 1 ? failed : `(${failed})`} }}`, l] : [l])),
      ...(environment === undefined ? [] : [`environment: ${yamlText(environment)}`]),
      'concurrency:',
      `  group: rollback-${id}`,
      '  cancel-in-progress: false',
      'steps:',
      ...checkoutStep(),
      ...login.yaml,
      '  - name: Put the previous release back',
      '    env:',
      `      STATE: \${{ needs.${id}.outputs.previous-release }}`,
      `    run: bash ${SCRIPTS}/${SCRIPT} restore ${words}`,
    ],
  }, behind.at(-1) ?? id);
  if (added === undefined) return;
  made.push(added);
  if (login.yaml.length === 0) changes.todo.push(`Give ${added} the access that ${id} has: no step that logs in could be copied.`);
  if (login.left.length > 0) changes.todo.push(`Copy these steps of ${id} to ${added}, pinned to a commit: ${login.left.join(', ')}.`);
  if (environment !== undefined) changes.todo.push(`${added} runs in the environment ${environment}: its reviewers approve a rollback, too.`);
}

