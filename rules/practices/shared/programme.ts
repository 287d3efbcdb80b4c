/** Workflows of their own that look after others, with the scripts that they run. */
import type { Repository } from '../../repository';
import type { SourceDocument } from '../../workflow/document';
import { scalarText } from '../../workflow/nodes';
import { deploysForUse } from '../../checks/shared/deploy-gate';
import { isPreview } from '../../checks/shared/job-kind';
import type { FileChange, Scaffold } from '../practice';
import type { CiJob } from './ci';
import { startedJobs } from './deployments';
import { freePath } from './scaffold';
import { pin } from './snippets';

export interface ProgrammeScript { /** `failure-triage.mjs` */ readonly name: string; readonly text: string }

export interface ProgrammePlan {
  /** Of the workflow's file, without its ending. */
  readonly file: string;
  readonly lines: readonly string[];
  readonly scripts?: readonly ProgrammeScript[];
  readonly explanation: string;
  readonly todo: readonly string[];
}

export interface ProgrammeOptions {
  readonly title: string;
  /** It names other workflows, and comes after what adds them. */
  readonly last?: true;
  /** Why nothing needs to be added; undefined where something does. */
  there(repo: Repository): string | undefined;
  plan(repo: Repository): ProgrammePlan | { readonly refused: string };
}

export const SCRIPTS = '.github/scripts';

export function workflowScaffold(options: ProgrammeOptions): Scaffold {
  return {
    kind: 'workflow',
    title: options.title,
    last: options.last,
    plan(repo) {
      const there = options.there(repo);
      if (there !== undefined) return { refused: there };
      const plan = options.plan(repo);
      if ('refused' in plan) return plan;
      const changes: FileChange[] = [{ path: freePath(repo, plan.file), created: true, newText: [...plan.lines, ''].join('\n') }];
      for (const s of plan.scripts ?? []) {
        const path = `${SCRIPTS}/${s.name}`;
        // The script of an earlier try is ours; any other is somebody's.
        if (repo.has(path) && repo.read(path) !== s.text) return { refused: `${path} is there already, and it is another script than the one that would be added.` };
        if (!repo.has(path)) changes.push({ path, created: true, newText: s.text });
      }
      return { changes, explanation: plan.explanation, todo: plan.todo };
    },
  };
}

/** The trigger of a workflow that looks at the runs of others, whose names are written as `nameList` has them. */
export function afterRunsOf(names: readonly string[], comment?: string): string[] {
  return [
    'on:',
    '  workflow_run:',
    ...(comment === undefined ? [] : [`    # ${comment}`]),
    '    workflows:',
    ...names.map(n => `      - ${n}`),
    '    types: [completed]',
  ];
}

/** Steps that fetch the scripts of the default branch, and nothing else of the repository: never what a pull request proposes. */
export function scriptsCheckout(repository = false): string[] {
  return [
    `  - name: Check out ${repository ? 'the repository' : 'the scripts'}`,
    `    uses: ${pin('actions/checkout').text}`,
    '    with:',
    '      ref: ${{ github.event.repository.default_branch }}',
    ...(repository ? [] : [`      sparse-checkout: ${SCRIPTS}`]),
    '      persist-credentials: false',
  ];
}

/** A step that runs one of the scripts; `env` as `NAME: value` lines. */
export function scriptStep(name: string, script: string, args: string, env: readonly string[], condition?: string): string[] {
  return [
    `  - name: ${name}`,
    ...(condition === undefined ? [] : [`    if: ${condition}`]),
    ...(env.length > 0 ? ['    env:', ...env.map(e => `      ${e}`)] : []),
    `    run: node ${SCRIPTS}/${script}${args === '' ? '' : ` ${args}`}`,
  ];
}

/** What GitHub calls a workflow, as `workflow_run` names it: its name, else its path. */
export function workflowName(document: SourceDocument): string {
  const name = scalarText(document.workflow?.name?.value);
  return name === undefined || name === '' ? document.path : name;
}

/** For a list in `workflow_run`: plain names in quotes, those with expressions left out. */
export function nameList(documents: readonly SourceDocument[]): string[] {
  return [...new Set(documents.map(workflowName))].filter(n => !/\$\{\{|\p{Cc}/u.test(n)).sort()
    .map(n => `'${n.replaceAll("'", "''")}'`);
}

/** A minute and hour that differ from repository to repository: the full hour is when everybody's runs wait. */
export function offHour(repo: Repository, salt: string): { readonly minute: number; readonly hour: number } {
  let hash = 17;
  for (const c of salt + (repo.files[0] ?? '')) hash = (hash * 31 + c.charCodeAt(0)) % 100_003;
  return { minute: 7 + hash % 46, hour: 2 + hash % 5 };
}

/** Workflows that run by themselves, and not behind another one: what is worth looking after. */
export function watchable(repo: Repository): SourceDocument[] {
  return repo.documents.filter(d => d.workflow !== undefined && d.workflow.jobs.length > 0
    && d.workflow.triggers.some(t => !['workflow_run', 'workflow_call'].includes(t.event)));
}

const PROPOSALS: ReadonlySet<string> = new Set(['pull_request', 'pull_request_target', 'merge_group']);

/** Jobs that deploy what people use, for more than a proposal: no previews, no sites on Pages. */
export function servedJobs(repo: Repository): readonly CiJob[] {
  return startedJobs(repo).filter(j => deploysForUse(j.job) && j.triggers.some(t => !PROPOSALS.has(t.event)) && !calledForPreview(j));
}

function calledForPreview(job: CiJob): boolean {
  for (let at = job.caller; at; at = at.caller) if (isPreview(at.job)) return true;
  return false;
}
