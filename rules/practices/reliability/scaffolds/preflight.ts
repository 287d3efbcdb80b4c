/** Checks ahead of a deployment: a job that it needs, or a step in it where only its environment holds what is checked. */
import type { Repository } from '../../../repository';
import type { Job } from '../../../workflow/model';
import { scalarText } from '../../../workflow/nodes';
import type { Scaffold } from '../../practice';
import type { Deployment } from '../../shared/deployments';
import { addCheckout, Changes, deployingJobs, editable, loginSteps, ownStep, runnerOf } from '../../shared/deploy-edits';
import { linesOf } from '../../shared/lines';
import { SCRIPTS } from '../../shared/programme';
import { checkoutStep, jobHead } from '../../shared/snippets';
import { SCRIPT_TEXTS } from '../scripts';

const SCRIPT = 'preflight.sh';
const TOOLS = /^(?:kubectl|helm|aws|gcloud|az|docker|terraform|tofu|pulumi|flyctl|heroku|rsync|ssh|ansible-playbook|jq|node|npm|python3)$/;

/** Secrets and variables that the job asks for by name, as lines of an environment variable. */
function required(job: Job): string[] {
  if (!job.node) return [];
  const text = job.node.block.text.slice(job.node.start, job.node.end).slice(0, 100_000);
  const names = [...text.matchAll(/\b(secrets|vars)\.([A-Za-z_][A-Za-z0-9_]*)/g)].map(m => `${m[1]!}.${m[2]!}`);
  return [...new Set(names)].filter(n => n !== 'secrets.GITHUB_TOKEN' && n !== 'secrets.github_token').slice(0, 30)
    .map(n => `${n.slice(n.indexOf('.') + 1)}=\${{ ${n} != '' }}`);
}

function tools(repo: Repository, d: Deployment): string[] {
  return [...new Set(d.job.steps.flatMap(s => linesOf(repo, s)).map(l => l.words[0]!).filter(w => TOOLS.test(w)))];
}

function checkStep(repo: Repository, ds: readonly Deployment[], access: boolean): string[] {
  const names = [...new Set(ds.flatMap(d => required(d.job.job)))], programs = [...new Set(ds.flatMap(d => tools(repo, d)))];
  return [
    '  - name: Preflight checks',
    '    env:',
    '      # high: every finding stops the deployment; medium: variables and credentials do; low: variables only.',
    '      PREFLIGHT_LEVEL: high',
    // Whether a secret is set, never what it says.
    ...(names.length > 0 ? ['      REQUIRED: |', ...names.map(n => `        ${n}`)] : []),
    ...(programs.length > 0 ? [`      TOOLS: ${programs.join(' ')}`] : []),
    `      CHECK_ACCESS: '${access}'`,
    `    run: bash ${SCRIPTS}/${SCRIPT}`,
  ];
}

/** Runs when the deployments do: a pull request of a fork has no secrets, and needs none. */
function conditionOf(ds: readonly Deployment[]): string[] {
  const texts = [...new Set(ds.map(d => scalarText(d.job.job.if?.value)?.trim() ?? ''))], [only = ''] = texts;
  if (texts.length === 1 && /^[\w\s.'"/=!&|()${}<>-]+$/.test(only) && !only.includes('\n') && !/\b(?:needs|always|failure|cancelled|success)\b/.test(only))
    return [`if: ${/^[\w$]/.test(only) && !/: | #/.test(only) && !only.startsWith('${') ? only : `\${{ ${only.replace(/^\$\{\{|\}\}$/g, '').trim()} }}`}`];
  const proposed = ds.some(d => d.job.triggers.some(t => t.event === 'pull_request'));
  return !proposed && ds.some(d => d.job.workflow.triggers.some(t => t.event === 'pull_request')) ? ["if: github.event_name != 'pull_request'"] : [];
}

/** `open`: deployments ahead of which something isn't looked at. */
export function preflightScaffold(open: (repo: Repository) => readonly Deployment[]): Scaffold {
  return {
    kind: 'job',
    title: 'Add a preflight job',
    plan(repo) {
      const jobs = deployingJobs(open(repo)).filter(editable);
      if (jobs.length === 0) return { refused: 'There is no deployment here ahead of which a preflight check could be added.' };
      const changes = new Changes(repo), made: string[] = [];
      for (const d of jobs.filter(x => x.job.job.environment)) {
        const { path } = d.job.document, { id } = d.job.job, at = ownStep(d).index, shift = addCheckout(changes, path, id, at);
        if (changes.addStep(path, id, at + shift, checkStep(repo, [d], true))) made.push(`a step in ${id}`);
      }
      const free = jobs.filter(x => !x.job.job.environment);
      for (const path of new Set(free.map(d => d.job.document.path))) {
        const ds = free.filter(d => d.job.document.path === path), first = ds[0]!, login = loginSteps(first.job.document, first);
        const id = changes.addJob(path, {
          id: 'preflight',
          yaml: [...jobHead('Preflight', 10, login.scopes, runnerOf(first.job.job)).flatMap(l => (l.startsWith('runs-on') ? [...conditionOf(ds), l] : [l])), 'steps:', ...checkoutStep(), ...login.yaml, ...checkStep(repo, ds, login.yaml.length > 0)],
        });
        if (id === undefined) continue;
        for (const d of ds) changes.letWait(path, d.job.job.id, id);
        made.push(`the job ${id} in ${path}`);
        if (login.yaml.length === 0) changes.todo.push(`Let ${id} log in as ${first.job.job.id} does and set CHECK_ACCESS to true, so that credentials are tried, too.`);
      }
      changes.addFile(`${SCRIPTS}/${SCRIPT}`, SCRIPT_TEXTS[SCRIPT]);
      return changes.plan(`Adds ${made.join(' and ')}: whether variables, credentials, programs and disk space are there is known before anything is deployed.`,
        ['Choose the safety level: PREFLIGHT_LEVEL is high, medium or low.'])
        ?? { refused: 'The workflows that deploy are written in a way to which nothing can be added without disturbing them.' };
    },
  };
}
