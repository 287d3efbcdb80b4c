import { definePractice, type Evidence, type FileChange, type Verdict } from '../practice';
import { basename, repoFacts, type Repository } from '../../repository';
import { applyEdits } from '../../workflow/document';
import { insertStep } from '../../workflow/edits';
import { effectivePermissions, scopeAccess } from '../../workflow/effective';
import { scalarText } from '../../workflow/nodes';
import { parseSource } from '../../workflow/parse';
import { jobKinds, stepKinds } from '../../checks/shared/job-kind';
import { ciJobs, stepInput, type CiJob, type CiStep } from '../shared/ci';
import { actionOf, deedText, requiredScripts } from '../shared/deeds';
import { SCRIPTS } from '../shared/programme';
import { mainWorkflow } from '../shared/scaffold';
import { yamlText } from '../shared/snippets';
import { TEST_SUMMARY } from '../shared/test-summary';
import { met, missing } from '../shared/verdict';

const CHECKS = ['test', 'lint', 'scan', 'build', 'e2e'] as const;
/** What a scanner finds is shown under Security. */
const SHOWN = ['test', 'lint', 'e2e'] as const;

/** Actions that put results where the pull request is read: a summary, a comment, a check with annotations. */
const ACTIONS = /^(?:dorny\/test-reporter|enricomi\/publish-unit-test-result-action(?:\/.*)?|mikepenz\/action-junit-report|test-summary\/action|phoenix-actions\/test-reporting|marocchino\/sticky-pull-request-comment|peter-evans\/create-or-update-comment|thollander\/actions-comment-pull-request|mshick\/add-pr-comment|irongut\/codecoveragesummary|5monkeys\/cobertura-action|davelosert\/vitest-coverage-report-action|artiomtr\/jest-coverage-report-action|ctrf-io\/.*|py-cov-action\/.*|orgoro\/coverage|romeovs\/lcov-reporter-action|madrapps\/jacoco-report|cicirello\/jacoco-badge-generator|insightsengineering\/coverage-action|jest-.*coverage.*|codecov\/(?:codecov-action|test-results-action)|coverallsapp\/github-action|codacy\/codacy-coverage-reporter-action|sonarsource\/.*|reviewdog\/action-.*|benchmark-action\/.*|actions\/dependency-review-action|treosh\/lighthouse-ci-action|scacap\/action-surefire-report|turing85\/publish-report|bibipkins\/dotnet-test-reporter|actions\/attest.*|codespell-project\/.*|golangci\/golangci-lint-action|.*problem-matcher.*|preactjs\/compressed-size-action|andresz1\/size-limit-action|relative-ci\/agent-action|.*\/.*(?:test-report|junit-report|coverage-(?:report|comment|summary)|pr-comment|bundle-size).*)$/;
/** Comments may say anything: that of a job which checks, or follows a run, is about its results. */
const COMMENT = /\bgh pr comment\b|\b(?:issues|pulls)\.(?:createComment|updateComment)\b/;
const COMMENT_ACTION = /^(?:marocchino\/sticky-pull-request-comment|peter-evans\/create-or-update-comment|thollander\/actions-comment-pull-request|mshick\/add-pr-comment|.*\/.*pr-comment.*)$/;
const TEXT = /GITHUB_STEP_SUMMARY|\bcore\.summary\b|\bsummary\.(?:addRaw|addHeading|addTable|write)\b|::(?:error|warning|notice) file=|--(?:reporter|format|output-format)[= ](?:github|github-actions)\b/;

/** How a step shows results; undefined where it doesn't. */
function shows(repo: Repository, s: CiStep): string | undefined {
  const action = actionOf(s);
  if (COMMENT_ACTION.test(action)) return aboutResults(s.job) ? `${action} comments on pull requests` : undefined;
  if (action !== '' && ACTIONS.test(action)) {
    if (/^(?:codecov|coverallsapp|codacy)\//.test(action)) return `${action} comments on pull requests`;
    if (/^actions\/attest/.test(action)) return undefined;
    return /dependency-review/.test(action) && stepInput(s.step, 'comment-summary-in-pr') === undefined ? `${action} writes a summary` : `${action} shows results`;
  }
  const text = s.step.run?.scalar.value ?? '';
  // What a command writes to stands in the script, whatever writes it.
  if (/>\s*["']?\$\{?GITHUB_STEP_SUMMARY|>\s*["']?\$\{?env:GITHUB_STEP_SUMMARY|Add-Content[^\n]{0,80}GITHUB_STEP_SUMMARY|tee[^\n]{0,20}GITHUB_STEP_SUMMARY|--?[\w-]+[= ]["']?\$\{?GITHUB_STEP_SUMMARY/.test(withoutComments(text))) return 'writes a job summary';
  const deeds = deedText(repo, s);
  if (TEXT.test(deeds)) return 'writes results where they are read';
  if (!aboutResults(s.job)) return undefined;
  if (COMMENT.test(deeds)) return 'comments on pull requests';
  // A script that can't be read is taken at its name where the token was given what it needs.
  const unread = requiredScripts(repo, s).find(r => r.text === undefined && /comment|summar/i.test(basename(r.path)));
  return unread && mayComment(s) ? `calls ${unread.path}, which by its name comments on pull requests` : undefined;
}

function mayComment(s: { readonly job: CiJob }): boolean {
  const rights = effectivePermissions(s.job.job, s.job.document.workflow);
  return ['pull-requests', 'issues'].some(scope => scopeAccess(rights, scope) === 'write');
}

/** What looks at the title, the author or the commits of a proposal says nothing about what its code does. */
const ABOUT_PROPOSAL = /pull-?request|(?:^|[^a-z])(?:pr|title|commits?|labels?|dco|cla)(?:[^a-z]|$)/i;

/** Actions and workflows of other repositories that check, and are given what it takes to write on the pull request. */
function others(repo: Repository): Evidence[] {
  return ciJobs(repo).filter(j => j.onChange.length > 0 && mayComment({ job: j })).flatMap(j => {
    const uses = [...(j.job.uses?.kind === 'repository' && SHOWN.some(k => jobKinds(j.job).has(k)) ? [j.job.uses] : []),
      ...j.steps.flatMap(s => s.step.uses?.kind === 'repository' && SHOWN.some(k => stepKinds(s.step).has(k)) && !s.outer ? [s.step.uses] : [])];
    return uses.filter(u => !ABOUT_PROPOSAL.test(u.text)).map(u => ({ path: j.document.path, ...j.document.range(u.scalar), text: `${u.text.split('@')[0]!} checks, and may write to the pull request` }));
  });
}

function aboutResults(job: CiJob): boolean {
  return job.steps.some(s => CHECKS.some(k => stepKinds(s.step).has(k))) || job.triggers.some(t => t.event === 'workflow_run');
}

function withoutComments(text: string): string {
  return text.split('\n').filter(l => !/^\s*#/.test(l)).join('\n');
}

function checking(repo: Repository): CiJob[] {
  return ciJobs(repo).filter(j => !j.job.uses && j.onChange.length > 0 && SHOWN.some(k => jobKinds(j.job).has(k)));
}

function evidence(repo: Repository): Verdict {
  const seen = ciJobs(repo).filter(j => j.triggers.length > 0).flatMap(j => j.steps.flatMap(s => {
    const how = shows(repo, s), off = /^(?:\$\{\{\s*)?false(?:\s*\}\})?$/.test(scalarText(s.step.if?.value)?.trim() ?? '');
    return how === undefined || off ? [] : [{ s, how }];
  }));
  const onChange = seen.filter(x => x.s.job.onChange.length > 0 || x.s.job.triggers.some(t => t.event === 'workflow_run'));
  const place = (x: (typeof seen)[number]) => ({ path: x.s.document.path, ...x.s.document.range(x.s.step.uses?.scalar ?? x.s.step.run!.entry.key), text: x.how });
  if (onChange.length > 0) return met(onChange.map(place));
  const wanted = 'results on the page of the run or the pull request: $GITHUB_STEP_SUMMARY, annotations, or a comment';
  const may = seen.length > 0 ? [] : others(repo);
  if (may.length > 0) return { result: 'unknown', evidence: may.slice(0, 12), lookedFor: ['whether what they find is written there: that lies in another repository', wanted] };
  return seen.length > 0 ? { result: 0.5, evidence: seen.slice(0, 12).map(place), lookedFor: [`${wanted}, for pull requests as well`] } : missing(wanted);
}

/** The job that shows how its tests went: the first that tests, else the first that checks anything. */
function chosen(repo: Repository): CiJob | undefined {
  const main = mainWorkflow(repo);
  const jobs = checking(repo).filter(j => !j.caller && j.document.problems.length === 0 && checksOut(j) && posix(j));
  const rank = (j: CiJob): number => (j.document === main ? 0 : 2) + (jobKinds(j.job).has('test') ? 0 : 1);
  return [...jobs].sort((a, b) => rank(a) - rank(b))[0];
}

/** The script has to be there. */
const checksOut = (j: CiJob): boolean => j.steps.some(s => actionOf(s) === 'actions/checkout' && stepInput(s.step, 'path') === undefined
  && stepInput(s.step, 'repository') === undefined && stepInput(s.step, 'sparse-checkout') === undefined);

/** Node is on every hosted runner, and in few containers. */
const posix = (j: CiJob): boolean => j.job.container === undefined;

export default definePractice({
  id: 'job-summaries',
  title: 'Job summaries',
  category: 'Developer Experience',
  level: 3,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Results stand on the page of the run or in the pull request, and not in the log alone.',
    why: 'Nobody scrolls through ten thousand lines to learn which test failed: people run it again instead.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary',
      'https://github.blog/news-insights/product-news/supercharging-github-actions-with-job-summaries/',
    ],
  },
  applies(repo) {
    const { stack } = repoFacts(repo);
    return stack.projects.length > 0 || stack.testFiles.length > 0 || stack.languages.size > 0 || checking(repo).length > 0;
  },
  evidence,
  scaffold: {
    kind: 'edit',
    title: 'Add a summary of the tests',
    last: true,
    plan(repo) {
      if (evidence(repo).result === 1) return { refused: 'Results are shown outside of the log already.' };
      const job = chosen(repo), path = `${SCRIPTS}/test-summary.mjs`;
      if (!job) return { refused: 'No job on pull requests checks out the repository on a runner itself, where a summary could be written.' };
      if (repo.has(path) && repo.read(path) !== TEST_SUMMARY) return { refused: `${path} is there already, and it is another script than the one that would be added.` };
      const title = (scalarText(job.job.name?.value) ?? job.job.id).replace(/\$\{\{[^}]*\}\}/g, '').replace(/[^\w ./()-]/g, ' ').trim() || 'Checks';
      const step = ['  - name: Summarise', '    if: ${{ !cancelled() }}', '    shell: bash', '    working-directory: ${{ github.workspace }}', '    env:', '      JOB_STATUS: ${{ job.status }}',
        `      TITLE: ${yamlText(title)}`, `    run: node ${path} "$TITLE"`];
      const edits = insertStep(job.document, job.job, job.job.steps.length, step.join('\n'));
      const next = edits && parseSource(job.document.path, applyEdits(job.document.text, edits), job.document);
      if (!next || next.problems.length > 0) return { refused: `A step can't be added to ${job.job.id} in ${job.document.path} without disturbing it.` };
      const changes: FileChange[] = [{ path: job.document.path, created: false, newText: next.text }];
      if (!repo.has(path)) changes.push({ path, created: true, newText: TEST_SUMMARY });
      return { changes, explanation: `Adds a last step to ${job.job.id} in ${job.document.path} that shows how the job ended, and the figures and failures of JUnit reports that its tests have left.`,
        todo: ['Let the tests write a JUnit report (pytest --junitxml=junit.xml, jest-junit, gotestsum --junitfile junit.xml, …): without one the summary shows the outcome alone.'] };
    },
  },
});
