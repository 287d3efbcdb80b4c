import { definePractice, type Evidence, type Verdict } from '../practice';
import { repoFacts, type Repository } from '../../repository';
import type { SourceDocument } from '../../workflow/document';
import { effectivePermissions, scopeAccess } from '../../workflow/effective';
import { deleteEntry, insertStep, setStepInput } from '../../workflow/edits';
import type { Job, Step } from '../../workflow/model';
import { asMapping } from '../../workflow/nodes';
import { allowScope } from '../../checks/shared/oidc';
import { ciJobs, stepInput, whyIdle, type CiStep } from '../shared/ci';
import { infrastructure } from '../shared/infrastructure';
import { applied } from '../shared/scaffold';
import { evidenceOf, sightings } from '../shared/sightings';
import { pin, yamlText } from '../shared/snippets';
import { met, missing, unique } from '../shared/verdict';

const SCOPE = 'security-events';
/** Actions that hand results to code scanning themselves. */
const UPLOADS = new Set(['github/codeql-action/analyze', 'github/codeql-action/upload-sarif', 'zizmorcore/zizmor-action']);
/** Workflows of others that are known to. */
const CALLS = /codeql|osv-scanner/;

const nameOf = (step: Step): string => step.uses?.kind === 'repository' ? [step.uses.owner, step.uses.repo, step.uses.path].filter(Boolean).join('/').toLowerCase() : '';

interface Upload { readonly s: CiStep; readonly problem?: string; readonly broad?: true }

function uploads(repo: Repository): Upload[] {
  return ciJobs(repo).flatMap(j => j.steps).filter(s => UPLOADS.has(nameOf(s.step))).map(s => {
    const idle = whyIdle(s) ?? (/^(?:false|never)$/.test(stepInput(s.step, 'upload') ?? stepInput(s.step, 'advanced-security') ?? '') ? 'it is told not to upload' : undefined);
    return { s, ...access(s), ...(idle === undefined ? {} : { problem: idle }) };
  });
}

/** What the token of the job may do: nothing can be uploaded without the scope, and no other job needs it. */
function access(s: CiStep): { problem?: string; broad?: true } {
  const { job, document } = s.job, outer = document.workflow?.permissions;
  const given = scopeAccess(effectivePermissions(job, document.workflow), SCOPE);
  if (given === 'read' || given === 'none') return { problem: `its job lacks ${SCOPE}: write` };
  const others = document.workflow?.jobs.length ?? 0;
  return !job.permissions && others > 1 && outer && (outer.shape === 'write-all' || outer.scopes.some(p => p.name === SCOPE && p.access === 'write')) ? { broad: true } : {};
}

function evidence(repo: Repository): Verdict {
  const calls = sightings(repo, 'sast').concat(sightings(repo, 'dependencies')).filter(s => !s.step && s.idle === undefined && CALLS.test(s.tool));
  if (calls.length > 0) return met(calls.map(s => evidenceOf(s, `${s.tool} hands results to code scanning`)));
  const all = uploads(repo), good = all.filter(u => u.problem === undefined), narrow = good.filter(u => !u.broad);
  const seen = (of: readonly Upload[]): Evidence[] => of.map(({ s }) => ({ path: s.document.path, ...s.document.range(s.step.uses!.scalar),
    text: `${nameOf(s.step)} hands results to code scanning` }));
  if (narrow.length > 0) return met(seen(narrow));
  if (good.length > 0) return { result: 0.5, evidence: seen(good),
    lookedFor: [`${SCOPE}: write on the job that uploads, and not on every job of ${good[0]!.s.document.path}`] };
  return missing('CodeQL, or upload-sarif behind a scanner, in a job with security-events: write',
    ...unique(all.map(u => `${nameOf(u.s.step)} in ${u.s.document.path} doesn't count: ${u.problem!}`)));
}

/** Scanners that write SARIF when they are asked, and where. */
const SARIF: Readonly<Record<string, { readonly inputs: Readonly<Record<string, string>>; readonly file: string; readonly when?: (step: Step) => boolean }>> = {
  'anchore/scan-action': { inputs: { 'output-format': 'sarif', 'output-file': 'grype.sarif' }, file: 'grype.sarif' },
  'aquasecurity/trivy-action': { inputs: { format: 'sarif', output: 'trivy.sarif' }, file: 'trivy.sarif',
    when: s => ['table', 'sarif', undefined].includes(stepInput(s, 'format')) },
  'bridgecrewio/checkov-action': { inputs: { output_format: 'cli,sarif', output_file_path: 'console,checkov.sarif' }, file: 'checkov.sarif' },
};

/** The document with one more scanner's results published; undefined where there is none, or it can't be written. */
function published(repo: Repository, document: SourceDocument, tried: Set<string>): { document: SourceDocument; what: string } | undefined {
  for (const job of document.workflow?.jobs ?? []) {
    if (tried.has(job.id)) continue;
    const step = job.steps.find(s => SARIF[nameOf(s)] && (SARIF[nameOf(s)]!.when?.(s) ?? true));
    const muted = job.steps.find(s => nameOf(s) === 'github/codeql-action/analyze' && /^(?:false|never)$/.test(stepInput(s, 'upload') ?? ''));
    const upload = job.steps.some(s => UPLOADS.has(nameOf(s)));
    if (!step && !upload) continue;
    tried.add(job.id);
    const next = muted ? heard(document, job, muted) : upload ? document : step && withUpload(document, job, step);
    const found = next?.workflow?.jobs.find(j => j.id === job.id);
    const allowed = next && found && applied(next, allowScope(next, repo, found, SCOPE));
    if (allowed && allowed.text !== document.text) return { document: allowed, what: nameOf(muted ?? step ?? job.steps.find(s => UPLOADS.has(nameOf(s)))!) };
  }
  return undefined;
}

function heard(document: SourceDocument, job: Job, step: Step): SourceDocument | undefined {
  const inputs = asMapping(step.with?.value), entry = inputs?.entries.find(e => e.key.value === 'upload');
  return inputs && entry && applied(document, deleteEntry(document, entry, inputs));
}

function withUpload(document: SourceDocument, job: Job, step: Step): SourceDocument | undefined {
  const { inputs, file } = SARIF[nameOf(step)]!;
  let now: SourceDocument | undefined = document;
  for (const [name, value] of Object.entries(inputs)) {
    const at: Step | undefined = now?.workflow?.jobs.find(j => j.id === job.id)?.steps[step.index];
    now = now && at && applied(now, setStepInput(now, at, name, value));
  }
  const owner = now?.workflow?.jobs.find(j => j.id === job.id);
  return now && owner && applied(now, insertStep(now, owner, step.index + 1, [
    '- name: Publish the results',
    // A scan that fails has the most to say.
    '  if: ${{ !cancelled() }}',
    `  uses: ${pin('github/codeql-action/upload-sarif').text}`,
    '  with:',
    `    sarif_file: ${file}`,
    `    category: ${yamlText(job.id)}`,
  ].join('\n')));
}

export default definePractice({
  id: 'scan-results-published',
  title: 'Published scan results',
  category: 'Security',
  level: 4,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Scanners hand their results to code scanning, from a job that alone may write there.',
    why: 'A finding in a log is gone with the next run; as an alert it stands at its line, has an owner and a history, and can block a merge.',
    references: [
      'https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/uploading-a-sarif-file-to-github',
      'https://docs.github.com/en/code-security/code-scanning/managing-code-scanning-alerts/about-code-scanning-alerts',
    ],
  },
  applies: repo => [...repoFacts(repo).stack.languages.keys()].some(l => l !== 'shell') || repoFacts(repo).stack.dockerfiles.length > 0
    || infrastructure(repo).size > 0,
  evidence,
  scaffold: {
    kind: 'edit',
    title: 'Publish scan results',
    plan(repo) {
      if (evidence(repo).result === 1) return { refused: 'Scan results are handed to code scanning already.' };
      const changes = [], what: string[] = [];
      for (const document of repo.documents) {
        if (!document.workflow || document.problems.length > 0) continue;
        const tried = new Set<string>();
        let now = document;
        for (let next = published(repo, now, tried); next; next = published(repo, now, tried)) {
          now = next.document;
          what.push(next.what);
        }
        if (now !== document) changes.push({ path: document.path, created: false, newText: now.text });
      }
      if (changes.length === 0) return { refused: 'No scanner here writes results that code scanning reads, or its job can’t be added to: begin with static analysis, as CodeQL publishes by itself.' };
      return {
        changes,
        explanation: `Hands the results of ${unique(what).join(', ')} to code scanning; only the jobs that upload may write there.`,
        todo: ['A private repository needs GitHub Code Security for code scanning, and actions: read among the permissions of these jobs.',
          'Choose which alerts block a merge: Settings → Rules → Require code scanning results.'],
      };
    },
  },
});
