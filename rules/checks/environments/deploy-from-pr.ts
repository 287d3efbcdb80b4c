import { defineRule, type Fix } from '../../engine/rule';
import { conditionOf } from '../../workflow/expressions';
import type { Job, Step } from '../../workflow/model';
import { inputText } from '../shared/action-kind';
import { addToCondition } from '../shared/condition-edits';
import { deedsOf, isPracticeGround, isTeardown, practiceWorkflow, type Deed } from '../shared/deeds';
import { isPagesStep } from '../shared/deploy-gate';
import { jobKinds, type JobKind } from '../shared/job-kind';
import { approvalAdjust, reach } from '../shared/reach';
import { jobTriggers } from '../shared/started';
import { argvsOf, scriptOf } from '../shared/step-commands';
import { canRunOn, type Started } from '../shared/trigger-condition';
import { workflowEvents, workflowVariables } from '../shared/workflow-facts';

const KINDS: readonly JobKind[] = ['deploy', 'migrate', 'publish'];
const PULLS = new Set(['pull_request', 'pull_request_target']);

export default defineRule({
  id: 'deploy-from-pr',
  category: 'environments',
  severity: 'critical',
  confidence: 'medium',
  scope: 'job',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds deployments and package publishing with real credentials that a pull request starts.',
    why: 'What is deployed has been neither reviewed nor merged, and its code runs beside the credentials.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request_target',
      'https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-04-Poisoned-Pipeline-Execution',
    ],
    standards: ['SEC-1', 'SEC-4', 'STRIDE-E'],
  },
  messages: {
    pull: '`{what}` {doing} when `{event}` starts the run, with credentials of the repository and before anybody has merged the change. Deploy on pushes to the main branch only.',
  },
  create(context) {
    return {
      job(job) {
        if (job.uses || !KINDS.some(k => jobKinds(job).has(k))) return;
        // A name that says preview doesn't help where the command says production.
        const certain = job.steps.some(goesToProduction);
        if ((isPracticeGround(job) && !certain) || isTeardown(job)) return;
        const deeds = job.steps.filter(s => !isTeardown(s) && !isPagesStep(s)).flatMap(s => deedsOf(s, KINDS)).filter(d => jobKinds(job).has(d.kind) && isReal(d));
        if (deeds.length === 0 || (context.query(practiceWorkflow) && !certain)) return;
        if (!holdsCredentials(job) && !context.query(workflowVariables).variables.some(v => CREDENTIALS.test(v.value ?? ''))) return;
        context.instance();
        // Nothing is proposed any more once a pull request is closed: that is how one deploys after a merge.
        const pulls = context.query(jobTriggers, job.id).filter(t => PULLS.has(t.event) && (!t.types || t.types.some(x => CHANGES.has(x))));
        for (const deed of deeds) {
          const trigger = pulls.filter(t => runsOn(deed.step, t)).sort((a, b) => b.event.length - a.event.length)[0];
          if (!trigger) continue;
          const outsiders = trigger.event === 'pull_request_target' && reach(context, job, deed.step, trigger.event).outsider === 'yes';
          const others = context.query(workflowEvents).some(e => !PULLS.has(e));
          context.report({
            at: deed.at, messageId: 'pull', data: { what: deed.what, doing: DOING[deed.kind]!, event: trigger.event }, step: deed.step, job,
            adjust: [
              ...(outsiders ? [] : [{ by: -1, reason: 'Pull requests from forks get no credentials, or don\'t come this far.' }]),
              ...approvalAdjust(job),
            ],
            fixes: others ? [fix(deed, pulls)] : [],
          });
          break;
        }
      },
    };
  },
});

const DOING: Readonly<Partial<Record<JobKind, string>>> = { deploy: 'deploys', migrate: 'migrates a database', publish: 'publishes' };
const CHANGES = new Set(['opened', 'synchronize', 'reopened', 'ready_for_review', 'edited']);

function runsOn(step: Step, trigger: Started): boolean {
  return canRunOn(conditionOf(step.group?.if), trigger) && canRunOn(conditionOf(step.if), trigger);
}

/** Hosts that give each pull request a place of its own unless they are told otherwise. */
const PREVIEWS = /^(?:nwtgck\/actions-netlify|netlify\/actions|amondnet\/vercel-action|firebaseextended\/action-hosting-deploy|cloudflare\/pages-action|azure\/static-web-apps-deploy)/i;
const PREVIEW_COMMANDS = /^(?:npx |bunx |pnpm (?:dlx|exec) )?(?:vercel|netlify|wrangler pages|firebase hosting:channel)\b/;
/** Images are built, and pushed under a name of their own, for what is tested next. */
const IMAGES = /\b(?:docker|buildah|podman|crane|skopeo|oras|helm|bake|push-to-registry)\b/i;
/** The step asks itself what started it, or names what it deploys after the pull request. */
const ASKS = /github\.(?:event_name|ref|ref_name|ref_type|head_ref|base_ref|event\.number|event\.pull_request)\b|GITHUB_(?:EVENT_NAME|REF|REF_NAME|HEAD_REF)\b|refs\/|preview|canary|snapshot|staging|test\.pypi|testpypi|sandbox|--tag|dry-run|\bpr[-_]/i;
const MAX_TEXT = 100_000;

const PRODUCTION = /^--prod(?:uction)?$/;

/** A host that knows previews is told that this is none. */
function goesToProduction(step: Step): boolean {
  if (step.uses) {
    if (inputText(step, 'production-deploy') === 'true') return PREVIEWS.test(step.uses.text);
    return PREVIEWS.test(step.uses.text) && ['vercel-args', 'args', 'command'].some(n => (inputText(step, n) ?? '').split(/\s+/).some(w => PRODUCTION.test(w)));
  }
  return argvsOf(step).some(a => a.some(w => w !== undefined && PRODUCTION.test(w)) && PREVIEW_COMMANDS.test(a.slice(0, 3).map(w => w ?? '$').join(' ')));
}

/** Deploys to where people are, as far as the step says. */
function isReal({ step, what, kind, command }: Deed): boolean {
  const { node } = step;
  if (node.end - node.start > MAX_TEXT || ASKS.test(node.block.text.slice(node.start, node.end).replace(/^\s*(?:- )?if:.*$/m, ''))) return false;
  if (kind === 'publish' && IMAGES.test(what) && !isLatest(step, command)) return false;
  if (command) return !PREVIEW_COMMANDS.test(what) || command.words.some(w => PRODUCTION.test(w.literal ?? ''));
  return !PREVIEWS.test(what) || goesToProduction(step);
}

/** What everybody gets who asks for no version, and on each run: a condition of the step knows better when it is time. */
function isLatest(step: Step, command: Deed['command']): boolean {
  if (step.if) return false;
  const script = scriptOf(step)?.text ?? '';
  if (command) return command.words.some(w => /:latest["']?$/.test(script.slice(w.start, w.end)));
  return /:latest[ \t]*$/m.test(inputText(step, 'tags') ?? '') && inputText(step, 'push') === 'true';
}

const CREDENTIALS = /secrets\.(?!GITHUB_TOKEN\b)[A-Za-z_]|secrets\s*\[|\brole-to-assume:|\bworkload_identity_provider:|\bid-token:\s*['"]?write/i;

/** A secret of the repository, or an identity that a cloud or registry trusts. */
function holdsCredentials(job: Job): boolean {
  const { node } = job;
  return node !== undefined && node.end - node.start <= MAX_TEXT && CREDENTIALS.test(node.block.text.slice(node.start, node.end));
}

function fix(deed: Deed, pulls: readonly Started[]): Fix {
  const term = [...new Set(pulls.map(t => t.event))].map(e => `github.event_name != '${e}'`).join(' && ');
  return {
    title: 'Skip the step on pull requests',
    safety: 'unsafe',
    preferred: true,
    edits: ({ document }) => addToCondition(document, deed.step, term),
  };
}
