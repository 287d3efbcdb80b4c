import { definePractice, type Evidence } from '../practice';
import type { Repository } from '../../repository';
import type { SourceDocument } from '../../workflow/document';
import type { Concurrency, Job } from '../../workflow/model';
import { scalarText } from '../../workflow/nodes';
import { isDeploy } from '../../checks/shared/job-kind';
import { ratio } from '../shared/verdict';

interface Part { readonly document: SourceDocument; readonly good: number; readonly seen?: Concurrency; readonly text: string; readonly wanted: string }

/** One part per workflow that tests pull requests, and one per job that deploys. */
function parts(repo: Repository): Part[] {
  const out: Part[] = [];
  for (const document of repo.documents) {
    const workflow = document.workflow;
    if (!workflow) continue;
    const runners = workflow.jobs.filter(j => j.node);
    if (runners.length === 0) continue;
    if (workflow.triggers.some(t => t.event === 'pull_request' || t.event === 'pull_request_target')) out.push(ciPart(document,
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

function ciPart(document: SourceDocument, own: Concurrency | undefined, jobs: readonly Job[]): Part {
  const all = own ? [own] : jobs.map(j => j.concurrency).filter(c => c !== undefined);
  const covered = own !== undefined || all.length === jobs.length;
  const seen = all[0];
  const wanted = `concurrency with cancel-in-progress for pull requests in ${document.path}`;
  if (!covered || !seen) return { document, good: 0, text: '', wanted };
  const cancels = all.every(c => !['', 'false'].includes((scalarText(c.cancelInProgress?.value) ?? '').trim()));
  return cancels
    ? { document, good: 1, seen, text: 'superseded runs are cancelled', wanted }
    : { document, good: 0.5, seen, text: 'runs are in a concurrency group',
      wanted: `cancel-in-progress for pull requests in ${document.path}: superseded runs go on` };
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
  scaffold: null,
});
