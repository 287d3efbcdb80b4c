import { definePractice, type Evidence } from '../practice';
import type { Repository } from '../../repository';
import { DEFAULT_CONFIG } from '../../engine/rule';
import type { SourceDocument, TextEdit } from '../../workflow/document';
import { setKey } from '../../workflow/edits';
import type { Concurrency, Job, Trigger, Workflow } from '../../workflow/model';
import { asMapping } from '../../workflow/nodes';
import { ciFix, deployFix, isCi } from '../../checks/shared/fixing-rules';
import { isDeploy } from '../../checks/shared/job-kind';
import { Changes } from '../shared/deploy-edits';
import { cancels } from '../shared/superseded';
import { ratio } from '../shared/verdict';

interface Part { readonly document: SourceDocument; readonly good: number; readonly seen?: Concurrency; readonly text: string; readonly wanted: string }

/** One part per workflow that builds or tests pull requests, and one per job that deploys. */
function parts(repo: Repository): Part[] {
  const out: Part[] = [];
  for (const document of repo.documents) {
    const workflow = document.workflow;
    if (!workflow) continue;
    const runners = workflow.jobs.filter(j => j.node);
    if (runners.length === 0) continue;
    if (workflow.triggers.some(testsCode) && runners.some(j => isCi(j) && !mayBringGroup(repo, j))) out.push(ciPart(document,
      workflow.concurrency, runners));
    for (const job of runners) {
      if (!isDeploy(job)) continue;
      const seen = job.concurrency ?? workflow.concurrency;
      out.push({ document, good: seen ? 1 : 0, seen, text: `${job.id} is in a concurrency group`,
        wanted: `a concurrency group for the deployment ${job.id} in ${document.path}` });
    }
  }
  return out;
}

/** A called workflow has a group of its own, or can't be looked into. */
function mayBringGroup(repo: Repository, job: Job): boolean {
  if (!job.uses) return false;
  const called = job.uses.kind === 'local' || job.uses.kind === 'self' ? repo.document(job.uses.path ?? '')?.workflow : undefined;
  return called === undefined || called.concurrency !== undefined || (called.jobs.length > 0 && called.jobs.every(j => j.concurrency));
}

/** Runs pile up where each push starts another; labels and comments start few, and what is closed is closed once. */
function testsCode(t: Trigger): boolean {
  return (t.event === 'pull_request' || t.event === 'pull_request_target') && (!t.types || t.types.some(x => x === 'opened' || x === 'synchronize' || x === 'reopened'));
}

function ciPart(document: SourceDocument, own: Concurrency | undefined, jobs: readonly Job[]): Part {
  const all = own ? [own] : jobs.map(j => j.concurrency).filter(c => c !== undefined);
  const covered = own !== undefined || all.length === jobs.length;
  const seen = all[0];
  const wanted = `concurrency with cancel-in-progress for pull requests in ${document.path}`;
  if (!covered || !seen) return { document, good: 0, text: '', wanted };
  return all.every(cancels)
    ? { document, good: 1, seen, text: 'superseded runs are cancelled', wanted }
    : { document, good: 0.5, seen, text: 'runs are in a concurrency group',
      wanted: `cancel-in-progress for pull requests in ${document.path}: superseded runs go on` };
}

/** `true` only for runs of pull requests: a push may be a deployment's. */
const CANCEL = "${{ github.event_name == 'pull_request' }}";
/** A group that each pull request has to itself. */
const OWN_GROUP = /github\.(?:ref\b|ref_name|head_ref|event\.pull_request\.number|event\.number)/;

function add(repo: Repository, changes: Changes, path: string): void {
  const edit = (make: (document: SourceDocument, workflow: Workflow) => readonly TextEdit[] | undefined): void => {
    changes.edit(path, d => d.workflow && make(d, d.workflow));
  };
  edit((document, workflow) => {
    if (!workflow.triggers.some(testsCode)) return undefined;
    const { concurrency } = workflow;
    // Jobs with groups of their own, and one that says that it doesn't cancel, are decisions.
    if (!concurrency) return workflow.jobs.some(j => j.concurrency) ? undefined : ciFix(workflow).edits({ document, repository: repo, config: DEFAULT_CONFIG });
    const map = asMapping(concurrency.entry.value);
    if (concurrency.cancelInProgress || !map || map.flow || !OWN_GROUP.test(concurrency.group?.value ?? '')) return undefined;
    return setKey(document, map, 'cancel-in-progress', CANCEL, { after: ['group'] });
  });
  const deploying = changes.document(path)?.workflow?.jobs.filter(j => j.node && isDeploy(j)) ?? [];
  for (const { id } of deploying) {
    edit((document, workflow) => {
      const job = workflow.jobs.find(j => j.id === id);
      if (!job || job.concurrency || workflow.concurrency) return undefined;
      const alone = deploying.every(d => d.id === id || d.environment?.name?.value !== job.environment?.name?.value);
      return deployFix(job, workflow, alone).edits({ document, repository: repo, config: DEFAULT_CONFIG });
    });
  }
}

export default definePractice({
  id: 'concurrency-control',
  title: 'Concurrency control',
  category: 'Reliability',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Runs of pull requests that were superseded are cancelled, and deployments wait for each other.',
    why: 'Two deployments at once leave a mixture of both, and runs that nobody waits for any more delay those that somebody does.',
    references: [
      'https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#concurrency',
    ],
  },
  applies: repo => parts(repo).length > 0,
  // That a deployment must not be cancelled is the rule concurrency-cancels-deploy, a control of its own.
  evidence(repo) {
    const all = parts(repo);
    const evidence = all.filter(p => p.seen).map((p): Evidence => ({ path: p.document.path, ...p.document.range(p.seen!.entry.key),
      text: p.text }));
    return ratio(all.reduce((n, p) => n + p.good, 0), all.length, evidence, all.filter(p => p.good < 1).map(p => p.wanted));
  },
  scaffold: {
    kind: 'edit',
    title: 'Cancel superseded runs, and queue deployments',
    plan(repo) {
      const open = parts(repo).filter(p => p.good < 1);
      if (open.length === 0) return { refused: 'Every workflow that tests pull requests cancels superseded runs, and deployments wait for each other.' };
      const changes = new Changes(repo);
      for (const path of new Set(open.map(p => p.document.path))) add(repo, changes, path);
      return changes.plan('Runs of pull requests that were superseded are cancelled, and deployments wait for each other and are never cancelled.',
        ['A run that waits is replaced by a newer one: only the newest deployment in line is made.'])
        ?? { refused: `What is missing in ${open[0]!.document.path} is somebody's decision, or written in a way that can't be edited without disturbing it: ${open[0]!.wanted}.` };
    },
  },
});
