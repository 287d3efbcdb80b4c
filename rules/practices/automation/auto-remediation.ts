import { definePractice, type Scaffold, type ScaffoldPlan, type Verdict } from '../practice';
import { repoFacts, type Manager, type Project, type Repository } from '../../repository';
import { jobKinds } from '../../checks/shared/job-kind';
import { ciJobs, stepInput, type CiJob } from '../shared/ci';
import { actionOf, deedText, isStarted, jobDeeds } from '../shared/deeds';
import { alertLines } from '../shared/notify-job';
import { offHour, SCRIPTS, workflowScaffold } from '../shared/programme';
import { recipe } from '../shared/recipes';
import { borrowed, readsAdvisories, renovateOf, SECURITY_ALONE, withAdvisories } from '../shared/renovate';
import { checkoutStep, jobHead, pin, runStep, yamlText } from '../shared/snippets';
import { missing } from '../shared/verdict';
import { daysBetween } from './scheduled-scans';
import { AUTO_REMEDIATION } from './scripts/auto-remediation';

/** Updates what advisories are about. */
const FIXES = /\b(?:npm|pnpm) audit (?:--)?fix\b|\baudit --fix\b|\bpip-audit\b[^\n]*--fix\b|\bcargo audit fix\b|\bosv-scanner\b[^\n]*\bfix\b|\bsafety\b[^\n]*--apply\b|\bsnyk fix\b|\bpip-audit\b[^]*\bpip install\b[^\n]*(?:-U|--upgrade)\b|\bbundle-audit\b[^]*\bbundle update\b|\bgovulncheck\b[^]*\bgo get\b|\bcomposer audit\b[^]*\bcomposer update\b|\bremediat/;
/** Updates everything, and what advisories are about with it. */
const UPDATES = /\b(?:npm|pnpm|yarn) (?:update|upgrade|up)\b|\bcargo update\b|\bgo get -u\b|\bbundle update\b|\bcomposer update\b|\buv lock\b[^\n]*--upgrade\b|\bpoetry update\b|\bpip-compile\b[^\n]*--upgrade\b|\bncu\b[^\n]*-u\b|\bpre-commit autoupdate\b|\bdotnet outdated\b/;
const PROPOSES = /\bgh pr create\b|\bpulls\.create\s*\(|\/pulls\b[^\n]{0,60}(?:POST|title)|create_pull\s*\(/;
const PROPOSING_ACTION = /^(?:peter-evans\/create-pull-request|repo-sync\/pull-request|vsoch\/pull-request-action|gr2m\/create-or-update-pull-request-action|technote-space\/create-pr-action)$/;
const BOT_ACTION = /^(?:renovatebot\/github-action|ybiquitous\/npm-audit-fix-action|oke-py\/npm-audit-action|snyk\/.*fix.*)$/;

interface Found { readonly job: CiJob; readonly advisories: boolean; readonly daily: boolean; readonly tested: boolean }

function found(repo: Repository): Found[] {
  return ciJobs(repo).flatMap((job): Found[] => {
    if (!isStarted(job) || !job.triggers.some(t => ['schedule', 'repository_dispatch', 'dependabot_alert'].includes(t.event))) return [];
    const text = jobDeeds(repo, job), bot = job.steps.find(s => BOT_ACTION.test(actionOf(s)));
    const advisories = FIXES.test(text) || bot !== undefined;
    if (!advisories && !UPDATES.test(text)) return [];
    const peers = ciJobs(repo).filter(j => j.workflow === job.workflow);
    const proposer = peers.flatMap(j => j.steps).find(s => PROPOSING_ACTION.test(actionOf(s)) || PROPOSES.test(deedText(repo, s)));
    if (!proposer && !bot) return [];
    const crons = job.triggers.flatMap(t => t.cron ?? []).map(c => c.value);
    // What another token than the run's proposes starts the checks of pull requests.
    const token = proposer ? stepInput(proposer.step, 'token') ?? proposer.step.env?.variables.find(v => /^(?:GH|GITHUB)_TOKEN$/.test(v.name))?.value?.value : undefined;
    const checked = token !== undefined && !/github\.token|secrets\.GITHUB_TOKEN/.test(token);
    return [{ job, advisories, daily: crons.length === 0 || Math.min(...crons.map(daysBetween)) <= 1,
      tested: checked || bot !== undefined || peers.some(j => jobKinds(j.job).has('test')) }];
  });
}

function evidence(repo: Repository): Verdict {
  // Renovate asks at any hour, and what it proposes is checked as any other proposal.
  const bot = renovateOf(repo), all = found(repo);
  if (bot && readsAdvisories(bot)) return { result: 1, evidence: [{ path: bot.path, text: 'Renovate proposes what advisories are about at once' }], lookedFor: [] };
  const worth = (f: Found): number => (f.advisories ? 1 : 0.5) + (f.daily ? 1 : 0) + (f.tested ? 1 : 0);
  const best = [...all].sort((a, b) => worth(b) - worth(a))[0];
  if (!best && bot && bot.text === undefined) return { result: 'unknown', evidence: [], lookedFor: [`osvVulnerabilityAlerts in ${bot.path}, which could not be read`] };
  const preset = bot && borrowed(bot);
  if (!best && bot && preset !== undefined && !/osvVulnerabilityAlerts/.test(bot.text ?? '')) return { result: 'unknown', evidence: [],
    lookedFor: [`whether ${preset}, which ${bot.path} builds on and which lies in another repository, asks for osvVulnerabilityAlerts`] };
  if (!best) return missing('a daily workflow that updates what critical advisories are about, tests it and opens a pull request',
    'Dependabot’s security updates do the same: they are a setting, and can’t be seen in the files');
  const wanted = [...(best.advisories ? [] : ['updates of what advisories are about, and not of everything at some time']),
    ...(best.daily ? [] : ['a run each day: an advisory is used within hours']), ...(best.tested ? [] : ['tests before it is proposed, or a token whose pull requests start the checks'])];
  return { result: worth(best) / 3, lookedFor: wanted, evidence: [{ path: best.job.document.path, ...best.job.document.range(best.job.job.entry.key),
    text: `${best.job.job.id} updates dependencies and opens a pull request` }] };
}

/** What the script knows how to update, and what it needs beside the stack. */
const KNOWN: Readonly<Partial<Record<Manager, { readonly name: string; readonly tools: readonly string[] }>>> = {
  npm: { name: 'npm', tools: [] }, pnpm: { name: 'pnpm', tools: [] }, pip: { name: 'pip', tools: [] }, go: { name: 'go', tools: [] },
  cargo: { name: 'cargo', tools: runStep('Install cargo-audit', ['cargo install cargo-audit --locked --version 0.21.2']) },
  bundler: { name: 'bundler', tools: runStep('Install bundler-audit', ['gem install bundler-audit --version 0.9.2']) },
  composer: { name: 'composer', tools: [] },
};

function fixable(repo: Repository): Project[] {
  return repoFacts(repo).stack.projects.filter(p => !p.member && KNOWN[p.manager] !== undefined && recipe(p, repo) !== undefined
    && (p.manager === 'pip' ? repo.has(p.dir === '' ? 'requirements.txt' : `${p.dir}/requirements.txt`) : p.lockfile !== undefined));
}

/** Whose versions stand in the manifest itself. */
const WRITTEN = new Set<Manager>(['go', 'maven', 'gradle', 'dotnet']);

/** Something in the repository holds a version until somebody changes it. Where nothing does, the next install has the mended one. */
function holdsVersions(repo: Repository, project: Project): boolean {
  return !project.member && (project.lockfile !== undefined || WRITTEN.has(project.manager)
    || (project.manager === 'pip' && repo.has(project.dir === '' ? 'requirements.txt' : `${project.dir}/requirements.txt`)));
}

/** What Renovate finds in OSV: the registries of these. */
const IN_OSV = new Set<Manager>(['npm', 'pnpm', 'yarn', 'bun', 'pip', 'poetry', 'pipenv', 'uv', 'go', 'cargo', 'maven', 'gradle', 'dotnet', 'bundler', 'composer', 'pub', 'mix']);

/** Renovate for advisories alone, or told to ask for them where it is there. */
function byRenovate(repo: Repository, why: string): ScaffoldPlan | { readonly refused: string } {
  const bot = renovateOf(repo), todo = ['Read the first pull requests: an update of a major version wants to be looked at.'];
  if (bot) {
    const source = repo.read(bot.path), newText = source === undefined ? undefined : withAdvisories(source);
    if (newText === undefined) return { refused: `${bot.path} can’t be changed without disturbing it: write \`"osvVulnerabilityAlerts": true\` in it.` };
    return { changes: [{ path: bot.path, created: false, newText }], explanation: 'Lets Renovate ask OSV for advisories: what mends one is proposed at once, whatever the schedule says.', todo };
  }
  const projects = repoFacts(repo).stack.projects.filter(p => holdsVersions(repo, p));
  if (!projects.some(p => IN_OSV.has(p.manager))) return { refused: why };
  const settings = { $schema: 'https://docs.renovatebot.com/renovate-schema.json', extends: [SECURITY_ALONE] };
  return {
    changes: [{ path: 'renovate.json', created: true, newText: `${JSON.stringify(settings, null, 2)}\n` }],
    explanation: `${why} Adds settings for Renovate that let it propose what mends an advisory, and nothing else: other updates stay with the bot that makes them.`,
    todo: ['Install Renovate for this repository: https://github.com/apps/renovate.', ...todo],
  };
}

function up(dir: string): string {
  return dir === '' ? '' : '../'.repeat(dir.split('/').length);
}

function fixJob(repo: Repository, project: Project): string[] {
  const known = KNOWN[project.manager]!, how = recipe(project, repo)!;
  const dir = project.dir === '' ? [] : [`    working-directory: ${yamlText(project.dir)}`];
  return [
    ...jobHead('Update what advisories are about', 45),
    'outputs:',
    '  changed: ${{ steps.fix.outputs.changed }}',
    'steps:',
    ...checkoutStep(),
    ...how.setup,
    ...known.tools,
    '  - name: Look for advisories, and update',
    '    id: fix',
    ...dir,
    `    run: node ${up(project.dir)}${SCRIPTS}/auto-remediation.mjs ${known.name}`,
    ...(how.test === undefined ? [] : ['  - name: Test', "    if: steps.fix.outputs.changed == 'true'", ...dir, `    run: ${how.test}`]),
    '  - name: Keep the change',
    "    if: steps.fix.outputs.changed == 'true'",
    '    run: git diff --binary > "$RUNNER_TEMP/remediation.patch"',
    '  - name: Hand it over',
    "    if: steps.fix.outputs.changed == 'true'",
    `    uses: ${pin('actions/upload-artifact').text}`,
    '    with:',
    '      name: remediation',
    '      path: ${{ runner.temp }}/remediation.patch',
    '      if-no-files-found: error',
    '      retention-days: 5',
  ];
}

function proposeJob(): string[] {
  return [
    'name: Open a pull request',
    'needs: fix',
    "if: needs.fix.outputs.changed == 'true'",
    ...jobHead('', 10, ['contents: write # the branch auto-remediation', 'pull-requests: write']).slice(1),
    'steps:',
    '  # The code of dependencies has run in the other job: the right to write is in this one alone.',
    ...checkoutStep(),
    '  - name: Fetch the change',
    `    uses: ${pin('actions/download-artifact').text}`,
    '    with:',
    '      name: remediation',
    '      path: ${{ runner.temp }}/remediation',
    ...runStep('Apply it', ["git apply --include='*.json' --include='*.yaml' --include='*.txt' --include='*.lock' --include='*go.mod' --include='*go.sum' \"$RUNNER_TEMP/remediation/remediation.patch\"",
      "# Nothing but manifests and lockfiles, and nothing of the pipeline.", 'git diff --quiet -- .github']),
    '  - name: Open a pull request',
    `    uses: ${pin('peter-evans/create-pull-request').text}`,
    '    with:',
    '      branch: auto-remediation',
    '      title: Update dependencies with critical or high advisories',
    '      commit-message: Update dependencies with critical or high advisories',
    '      body: Made and tested by the workflow auto-remediation; its summary names the advisories. Close and reopen to start the checks of pull requests.',
    '      delete-branch: true',
  ];
}

const workflow: Scaffold = workflowScaffold({
  title: 'Add an auto-remediation workflow',
  there: repo => evidence(repo).result === 1 ? 'Advisories become pull requests already.' : undefined,
  plan(repo) {
    const [project, ...others] = fixable(repo), how = project && recipe(project, repo), { minute, hour } = offHour(repo, 'auto-remediation');
    if (!project || !how) return { refused: 'A workflow can update what npm, pnpm, Go, Cargo, Bundler or Composer have locked, or a requirements.txt, and there is none of them.' };
    if (how.test === undefined) return { refused: `${how.noTest ?? `Nothing says how ${project.manifest} is tested.`} An update that no workflow has tested is none to propose by it.` };
    const indent = (lines: readonly string[]): string[] => lines.map(l => l === '' ? '' : `    ${l}`);
    return {
      file: 'auto-remediation',
      lines: ['name: Auto-remediation', '', 'on:', '  schedule:', `    - cron: '${minute} ${hour} * * *'`, '  workflow_dispatch:', '', 'permissions: {}', '',
        'concurrency:', '  group: auto-remediation', '  cancel-in-progress: false', '', 'jobs:', '  fix:', ...indent(fixJob(repo, project)), '', '  propose:', ...indent(proposeJob()), '',
        '  notify:', ...indent(['name: Tell of a failure', 'needs: [fix, propose]', 'if: failure()', ...jobHead('', 5, ['issues: write']).slice(1), 'steps:',
          ...alertLines('Auto-remediation has failed', 'always()').filter(l => !l.startsWith('    if:'))])],
      scripts: [{ name: 'auto-remediation.mjs', text: AUTO_REMEDIATION }],
      explanation: `Adds a daily workflow that looks for critical and high advisories about ${project.manifest}, updates what they are about, runs the tests, and opens one pull request. The job that runs the code of dependencies can't write.`,
      todo: ['Settings → Actions → General: allow GitHub Actions to create pull requests.',
        'A pull request of the run’s own token starts no checks: close and reopen it, or give the action the token of an app.',
        ...(others.length > 0 ? [`Add a job for the other projects, too: ${others.slice(0, 5).map(p => p.manifest).join(', ')}.`] : [])],
    };
  },
});

export default definePractice({
  id: 'auto-remediation',
  title: 'Auto-remediation',
  category: 'Automation',
  level: 5,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Within a day a critical advisory becomes a pull request with the update, tested.',
    why: 'An advisory is a manual for attackers from the hour it is published. Waiting for somebody to find time for it is waiting for them.',
    references: [
      'https://docs.github.com/en/code-security/dependabot/dependabot-security-updates/about-dependabot-security-updates',
      'https://docs.renovatebot.com/configuration-options/#osvvulnerabilityalerts',
      'https://www.cisa.gov/known-exploited-vulnerabilities-catalog',
    ],
  },
  applies: repo => repoFacts(repo).stack.projects.some(p => holdsVersions(repo, p)),
  evidence,
  scaffold: {
    ...workflow,
    title: 'Add auto-remediation',
    plan(repo) {
      const done = evidence(repo).result === 1, bot = renovateOf(repo);
      const told = bot && !done ? byRenovate(repo, '') : undefined;
      if (told && !('refused' in told)) return told;
      const plan = workflow.plan(repo);
      if (done || !('refused' in plan)) return plan;
      return told ?? byRenovate(repo, plan.refused);
    },
  },
});
