import { definePractice, type Evidence, type FileChange, type Verdict } from '../practice';
import type { Repository } from '../../repository';
import { applyEdits, type SourceDocument } from '../../workflow/document';
import { insertJob } from '../../workflow/edits';
import { scalarText } from '../../workflow/nodes';
import { parseSource } from '../../workflow/parse';
import { jobKinds } from '../../checks/shared/job-kind';
import { dependentsOf } from '../../checks/shared/started';
import type { Job } from '../../workflow/model';
import { ciJobs, type CiJob } from '../shared/ci';
import { actionOf, afterFailure, tells } from '../shared/deeds';
import { alertLines } from '../shared/notify-job';
import { servedJobs, workflowName } from '../shared/programme';
import { jobHead, yamlText } from '../shared/snippets';
import { cut, missing, ratio, unique } from '../shared/verdict';

const MAX_SEEN = 300;

/** Tells somebody when the job it stands in has failed. */
function tellsOwn(repo: Repository, job: CiJob): boolean {
  return job.steps.some(s => tells(repo, s) && [s.step.if, s.outer?.step.if].some(e => afterFailure(scalarText(e?.value))));
}

/** Jobs that run whatever became of those before them, and tell somebody. */
function tellsOthers(repo: Repository, job: CiJob): boolean {
  return afterFailure(scalarText(job.job.if?.value)) && job.steps.some(s => tells(repo, s));
}

/** Workflows that are followed by another one which tells of their failures, by name. */
function watchedNames(repo: Repository): ReadonlySet<string> {
  const names = new Set<string>();
  for (const job of ciJobs(repo)) {
    if (!job.steps.some(s => tells(repo, s))) continue;
    for (const t of job.triggers) if (t.event === 'workflow_run' && (!t.types || t.types.includes('completed'))) for (const n of t.workflows ?? []) names.add(n);
  }
  return names;
}

/** Whether a job's failure reaches somebody: from the job, from one behind it, or from a workflow that follows. */
function heard(repo: Repository, job: CiJob, watched: ReadonlySet<string>): boolean {
  const all = new Map(ciJobs(repo).filter(j => j.workflow === job.workflow).map(j => [j.job, j]));
  const document = repo.documents.find(d => d.workflow === job.workflow);
  if (document && watched.has(workflowName(document))) return true;
  for (let at: CiJob | undefined = job; at; at = at.caller) {
    if (tellsOwn(repo, at)) return true;
    const dependents = dependentsOf(at.document.workflow!), seen = new Set<Job>([at.job]), queue = [at.job];
    for (let next = queue.pop(); next && seen.size < MAX_SEEN; next = queue.pop()) {
      for (const d of dependents.get(next) ?? []) {
        if (seen.has(d)) continue;
        seen.add(d);
        queue.push(d);
        const known = all.get(d);
        if (known && tellsOthers(repo, known)) return true;
        // What is called may tell; its name says so.
        if (d.uses && afterFailure(scalarText(d.if?.value)) && /notif|slack|alert|report|teams|discord/i.test(`${d.id} ${d.uses.text}`)) return true;
      }
    }
  }
  return false;
}

const WORTH_IT = ['test', 'e2e', 'build', 'scan', 'deploy', 'publish', 'release', 'migrate'] as const;

/**
 * Jobs that a schedule starts: what fails at night is seen by nobody. Those that tidy up aren't missed, and what code scanning is told
 * of it shows itself.
 */
function scheduled(repo: Repository): CiJob[] {
  return ciJobs(repo).filter(j => !j.job.uses && j.triggers.some(t => t.event === 'schedule') && WORTH_IT.some(k => jobKinds(j.job).has(k))
    && !j.steps.some(s => /^(?:github\/codeql-action\/|ossf\/scorecard-action$)/.test(actionOf(s))));
}

interface Parts { readonly deploys: readonly CiJob[]; readonly heard: readonly CiJob[]; readonly scheduled: readonly CiJob[]; readonly night: readonly CiJob[] }

function parts(repo: Repository): Parts {
  const watched = watchedNames(repo), deploys = servedJobs(repo), atNight = scheduled(repo);
  return { deploys, heard: deploys.filter(d => heard(repo, d, watched)), scheduled: atNight,
    night: atNight.filter(j => heard(repo, j, watched) || j.steps.some(s => tells(repo, s))) };
}

function evidence(repo: Repository): Verdict {
  const p = parts(repo), total = p.deploys.length + (p.scheduled.length > 0 ? 1 : 0);
  const good = p.heard.length + (p.night.length > 0 ? 1 : 0);
  const place = (j: CiJob): Evidence => ({ path: j.document.path, ...j.document.range(j.job.entry.key), text: `somebody is told when ${j.job.id} fails` });
  const wanted = [...p.deploys.filter(d => !p.heard.includes(d)).map(d => `a message to somebody when ${d.job.id} in ${d.document.path} fails`),
    ...(p.scheduled.length > 0 && p.night.length === 0
      ? [`a message to somebody when a scheduled run fails: ${unique(p.scheduled.map(j => j.document.path)).slice(0, 4).join(', ')}`] : [])];
  return good === 0 ? missing(...cut(wanted)) : ratio(good, total, [...p.heard, ...p.night].map(place), wanted);
}

/** A job at the end of a workflow that tells of the failures of those that it waits for. */
function withJob(document: SourceDocument, jobs: readonly string[]): SourceDocument | undefined {
  if (document.problems.length > 0 || document.workflow!.jobs.some(j => /^notify$/i.test(j.id))) return undefined;
  const title = `${(scalarText(document.workflow!.name?.value) ?? document.path).replace(/[^\w ./-]/g, ' ').replace(/\s+/g, ' ').trim().slice(0, 80) || 'A workflow'} has failed`;
  const body = [
    'name: Tell of a failure',
    `needs: [${jobs.map(yamlText).join(', ')}]`,
    // Of a proposal its author knows.
    "if: failure() && github.event_name != 'pull_request'",
    ...jobHead('', 5, ['issues: write # one issue, added to with each failure']).slice(1),
    'steps:',
    ...alertLines(yamlText(title), 'always()').filter(l => !l.startsWith('    if:')),
  ];
  const edits = insertJob(document, 'notify', body.join('\n'));
  if (!edits) return undefined;
  const next = parseSource(document.path, applyEdits(document.text, edits), document);
  return next.problems.length === 0 && next.workflow?.jobs.some(j => j.id === 'notify') ? next : undefined;
}

export default definePractice({
  id: 'notifications',
  title: 'Notifications',
  category: 'Automation',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Somebody is told when a deployment or a scheduled run fails.',
    why: 'GitHub writes to whoever pushed, or last changed the schedule: on holiday, or gone. The failure is found by those who use the product.',
    references: [
      'https://docs.github.com/en/actions/concepts/workflows-and-actions/notifications-for-workflow-runs',
      'https://github.com/slackapi/slack-github-action',
    ],
  },
  applies: repo => servedJobs(repo).length > 0 || scheduled(repo).length > 0,
  evidence,
  scaffold: {
    kind: 'job',
    title: 'Add a job that tells of failures',
    plan(repo) {
      const p = parts(repo), silent = p.deploys.filter(d => !p.heard.includes(d));
      const open = [...silent, ...(p.night.length === 0 ? p.scheduled : [])];
      if (open.length === 0) return { refused: p.deploys.length + p.scheduled.length === 0 ? 'Nothing is deployed or run by a schedule in this repository.'
        : 'Somebody is told of failures already.' };
      const changes: FileChange[] = [], left: string[] = [];
      for (const workflow of new Set(open.map(j => j.workflow))) {
        const document = repo.documents.find(d => d.workflow === workflow);
        if (!document) continue;
        // A job of a called workflow is told of by the job that calls it.
        const ids = unique(open.filter(j => j.workflow === workflow).map(j => { let at = j; while (at.caller) at = at.caller; return at.job.id; }));
        const next = withJob(document, ids);
        if (next) changes.push({ path: document.path, created: false, newText: next.text }); else left.push(document.path);
      }
      if (changes.length === 0) return { refused: `A job can't be added to ${left[0] ?? 'the workflow'} without disturbing it.` };
      return {
        changes,
        explanation: `Adds a job notify to ${changes.map(c => c.path).join(', ')} that opens an issue when one of the jobs it waits for fails, and adds to it from then on. It needs no secret.`,
        todo: ['Watch the repository’s issues, or replace the step by a message to your chat: a webhook as a secret of an environment.',
          ...left.map(l => `Add a job to ${l} by hand: it is written in a way that can't be added to, or has a job notify already.`)],
      };
    },
  },
});
