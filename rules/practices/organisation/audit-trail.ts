import { definePractice, type Verdict } from '../practice';
import { basename, type Repository } from '../../repository';
import type { SourceDocument } from '../../workflow/document';
import { ciJobs, stepInput, type CiJob } from '../shared/ci';
import { actionOf, isStarted, jobDeeds } from '../shared/deeds';
import { alertLines } from '../shared/notify-job';
import { jobHead } from '../shared/snippets';
import { afterRunsOf, nameList, offHour, scriptsCheckout, scriptStep, servedJobs, workflowScaffold } from '../shared/programme';
import { cut, missing } from '../shared/verdict';
import { AUDIT_TRAIL } from './scripts/audit-trail';

const HASHED = /\bsha-?256(?:sum)?\b|createHash|hashlib|\bshasum\b|\bcosign (?:attest|sign)(?:-blob)?\b|\brekor\b|\bgit commit -S\b/i;
const LOG = /\b(?:audit|deploy(?:ment)?s?)[-_ ]?(?:trail|log|record|history|ledger|journal|chain)|prev(?:ious)?[-_]?hash|hash[-_ ]?chain|\baudit\b[^\n]{0,60}\.(?:jsonl?|csv|log)|deployments?\.(?:jsonl?|csv|log)/i;
const KEPT = /\bgit push\b|\/contents\/|\baws s3 (?:cp|sync|mv)\b|\bgsutil (?:cp|rsync)\b|\bgcloud storage cp\b|\baz storage blob\b|\bput-object\b|\bput-log-events\b|\/git\/refs/;
const VERIFIES = /\bverif(?:y|ies|ied)\b|\bcheck\b|--check\b|\bsha256sum -c\b/i;

interface Found { readonly job: CiJob; readonly records: boolean; readonly kept: boolean; readonly verified: boolean }

function found(repo: Repository): Found[] {
  return ciJobs(repo).flatMap((job): Found[] => {
    const text = jobDeeds(repo, job);
    if (!LOG.test(text) || !HASHED.test(text) || !isStarted(job)) return [];
    const upload = job.steps.find(s => actionOf(s) === 'actions/upload-artifact');
    const scheduled = job.triggers.some(t => t.event === 'schedule');
    return [{ job, records: job.triggers.some(t => t.event !== 'schedule'),
      kept: KEPT.test(text) || (upload !== undefined && stepInput(upload.step, 'retention-days') !== undefined), verified: scheduled && VERIFIES.test(text) }];
  });
}

function evidence(repo: Repository): Verdict {
  const all = found(repo);
  if (!all.some(f => f.records)) {
    return missing('a log of deployments, each entry hashed with the one before it or signed, with a stated retention, and verified by a schedule',
      ...cut(all.map(f => `${f.job.job.id} in ${f.job.document.path} doesn’t count: nothing is recorded when a deployment ends`)));
  }
  const kept = all.some(f => f.kept), verified = all.some(f => f.verified);
  const wanted = [...(kept ? [] : ['where it is kept, and for how long: a branch, a bucket, or retention-days on the artifact']),
    ...(verified ? [] : ['a scheduled job that verifies it'])];
  return { result: 1 - wanted.length * 0.25, lookedFor: wanted, evidence: all.slice(0, 12).map(f => ({ path: f.job.document.path,
    ...f.job.document.range(f.job.job.entry.key), text: f.verified ? `${f.job.job.id} verifies the log of deployments` : `${f.job.job.id} records deployments` })) };
}

/** The workflows that deploy, callers of those that are called included. */
function deploying(repo: Repository): SourceDocument[] {
  const workflows = new Set(servedJobs(repo).map(j => j.workflow));
  return repo.documents.filter(d => d.workflow && workflows.has(d.workflow)
    && d.workflow.triggers.some(t => t.event !== 'workflow_call' && t.event !== 'workflow_run'));
}

export default definePractice({
  id: 'audit-trail',
  title: 'Audit trail',
  category: 'Organisation',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Deployments are recorded in a log that is hash-chained or signed, and verified by a schedule.',
    why: 'Runs are deleted after ninety days, and by anybody with write access: what was deployed by whom is gone when it is asked for.',
    references: [
      'https://docs.github.com/en/organizations/managing-organization-settings/configuring-the-retention-period-for-github-actions-artifacts-and-logs-in-your-organization',
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-10-Insufficient-Logging-And-Visibility',
    ],
  },
  applies: repo => servedJobs(repo).length > 0,
  evidence,
  scaffold: workflowScaffold({
    title: 'Add an audit-trail workflow',
    there: repo => evidence(repo).result === 1 ? 'Deployments are recorded and verified already.' : undefined,
    plan(repo) {
      const watched = deploying(repo), names = nameList(watched), { minute, hour } = offHour(repo, 'audit-trail');
      if (names.length === 0) return { refused: 'There is no workflow of its own that deploys and could be followed.' };
      const files = watched.map(d => basename(d.path)).filter(f => /^[\w.-]+$/.test(f)).join(',');
      return {
        file: 'audit-trail',
        lines: [
          'name: Audit trail',
          '',
          ...afterRunsOf(names),
          '  schedule:',
          `    - cron: '${minute} ${hour} * * *'`,
          '',
          'permissions: {}',
          '',
          '# One at a time: each entry holds the hash of the one before it.',
          'concurrency:',
          '  group: audit-trail',
          '  cancel-in-progress: false',
          '',
          'jobs:',
          '  record:',
          ...[
            ...jobHead('Record the deployment', 10, ['actions: read # the run and its jobs', 'contents: write # the branch audit-trail']),
            "if: >-",
            "  github.event_name == 'workflow_run' && github.event.workflow_run.event != 'pull_request'",
            "  && github.event.workflow_run.head_repository.full_name == github.repository",
            'steps:',
            ...scriptsCheckout(),
            ...scriptStep('Add the run to deployments.jsonl', 'audit-trail.mjs', 'record', [
              'GITHUB_TOKEN: ${{ github.token }}', 'RUN_ID: ${{ github.event.workflow_run.id }}']),
          ].map(l => `    ${l}`),
          '',
          '  verify:',
          ...[
            ...jobHead('Verify the audit trail', 10, ['actions: read # the runs that it must hold', 'contents: read',
              'issues: write # tells when it is not whole']),
            "if: github.event_name == 'schedule'",
            'steps:',
            ...scriptsCheckout(),
            ...scriptStep('Verify the chain, and that no run is missing', 'audit-trail.mjs', 'check', [
              'GITHUB_TOKEN: ${{ github.token }}', `WORKFLOWS: ${files}`]),
            ...alertLines('The audit trail is not whole'),
          ].map(l => `    ${l}`),
        ],
        scripts: [{ name: 'audit-trail.mjs', text: AUDIT_TRAIL }],
        explanation: `Adds a workflow that records each deployment of ${names.join(', ')} on the branch audit-trail, in a chain of SHA-256 hashes, and verifies once a day that nothing was changed and no run is missing.`,
        todo: ['Protect the branch audit-trail with a ruleset: no deletion, no force pushes. A chain shows what was changed in it, and not that all of it was replaced.',
          'State how long it has to be kept: the branch keeps it until somebody deletes it.'],
      };
    },
  }),
});
