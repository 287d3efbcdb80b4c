import { definePractice } from '../practice';
import type { Repository } from '../../repository';
import { asMapping, scalarText } from '../../workflow/nodes';
import type { CiStep } from '../shared/ci';
import { evidenceAt, lastPerJob, linesAhead, linesBehind, placeOf, servingDeployments, softStep, stepsAhead, stepsBehind, type Deployment } from '../shared/deployments';
import { linesOf, type Line } from '../shared/lines';
import { ratio } from '../shared/verdict';
import { metadataScaffold } from './scaffolds/metadata';

const COMMIT = /GITHUB_SHA|github\.sha|github\.event\.(?:release|head_commit|workflow_run)|GIT_COMMIT|COMMIT_SHA|rev-parse|(?:steps|needs)\.[\w.-]*(?:digest|sha|tag|tags|version|meta)|\$\{?(?:IMAGE_TAG|TAG|VERSION|SHA|DIGEST)\b|inputs\.(?:version|tag|ref|sha)/i;
/** Tools that keep a record of what was deployed. */
const RECORDS = /^(?:sentry-cli releases|sentry-cli deploys|datadog-ci (?:deployment|dora)|newrelic .*deployment|honeymarker|gh (?:release (?:create|edit)|api .*deployments)|kubectl (?:-\S+ )*(?:annotate|label))/;
const RECORD_ACTIONS = /getsentry\/action-release|bobheadxi\/deployments|chrnorris\/deployment|actions-ecosystem\/.*release|newrelic\/deployment-marker|datadog.*deploy|honeycombio|docker\/metadata-action|softprops\/action-gh-release|ncipollo\/release-action/i;
/** What a deployment is told to carry with it. */
const CARRIES = /--(?:label|labels|update-labels|set-env-vars|update-env-vars|build-arg|annotation|env|message|change-cause|app-version|image|set|set-string|version-label|revision-suffix|tag|task-definition|revision)\b|set image|version-label|image=|:\$|@\$|kubernetes\.io\/change-cause|opencontainers\.image\.revision/;

type Record_ = { readonly full: boolean; readonly what: string };

function carried(line: Line): boolean { return !line.soft && COMMIT.test(line.raw) && (CARRIES.test(line.raw) || RECORDS.test(line.text) || />>?\s*\S*\.(?:json|txt|ya?ml)/.test(line.raw)); }

function ofStep(repo: Repository, s: CiStep): string | undefined {
  if (s.step.uses && RECORD_ACTIONS.test(s.step.uses.text)) return s.step.uses.text.split('@')[0]!;
  const line = linesOf(repo, s).find(l => RECORDS.test(l.text) || (l.file !== undefined && /record|metadata/.test(l.file) && COMMIT.test(l.raw)));
  return line?.words.slice(0, 2).join(' ');
}

function recordOf(repo: Repository, d: Deployment): Record_ | undefined {
  if (d.line && carried(d.line)) return { full: true, what: 'the deployed image or label' };
  const inputs = asMapping(d.step.step.with?.value)?.entries.find(e => COMMIT.test(scalarText(e.value) ?? ''));
  if (inputs) return { full: true, what: `the input ${inputs.key.value}` };
  const line = [...linesAhead(repo, d), ...linesBehind(repo, d)].find(l => carried(l) || RECORDS.test(l.text));
  if (line) return { full: true, what: line.words.slice(0, 2).join(' ') };
  for (const s of [...stepsBehind(repo, d), ...stepsAhead(repo, d).filter(x => x.job === d.job)]) {
    const what = softStep(s) ? undefined : ofStep(repo, s) ?? linesOf(repo, s).find(carried)?.words[0];
    if (what) return { full: true, what };
  }
  // GitHub keeps a deployment of each job with an environment: commit and run, but what runs can't be asked for it.
  return d.job.job.environment ? { full: false, what: 'GitHub\'s list of deployments' } : undefined;
}

export default definePractice({
  id: 'deploy-metadata',
  title: 'Deployment metadata',
  category: 'Reliability',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'What was deployed says of itself which commit, run, image and environment it comes from.',
    why: 'The first question of every incident is what is running; without a record the answer is a guess.',
    references: [
      'https://github.com/opencontainers/image-spec/blob/main/annotations.md',
      'https://docs.github.com/en/actions/concepts/workflows-and-actions/deployment-environments',
    ],
  },
  applies: repo => servingDeployments(repo).length > 0,
  evidence(repo) {
    const all = lastPerJob(servingDeployments(repo)).map(d => ({ d, record: recordOf(repo, d) }));
    return ratio(all.reduce((n, x) => n + (x.record ? x.record.full ? 1 : 0.5 : 0), 0), all.length,
      all.flatMap(({ d, record }) => (record ? [evidenceAt(d, `${record.what} records the commit`)] : [])),
      all.filter(x => !x.record?.full).map(({ d, record }) => (record
        ? `labels, a release or a file that ${placeOf(d)} leaves with what it deploys: so far only GitHub's list of deployments knows`
        : `a record of commit, run, image digest and environment for ${placeOf(d)}`)));
  },
  scaffold: metadataScaffold(repo => lastPerJob(servingDeployments(repo)).filter(d => !recordOf(repo, d)?.full)),
});
