import { defineQuery, defineRule } from '../../engine/rule';
import type { Step } from '../../workflow/model';
import { unwrap, type Command } from '../../workflow/scripts';
import { inputText } from '../shared/action-kind';
import { approvedEarlier, asksSomebody } from '../shared/approvals';
import { deedsOf, environmentFix, isPracticeGround, isTeardown, practiceWorkflow, type Deed } from '../shared/deeds';
import { jobKinds } from '../shared/job-kind';
import { jobTriggers } from '../shared/started';
import { argvsOf } from '../shared/step-commands';

/** Whether the workflow also starts for pull requests, and plans: then somebody can have seen what is about to change. */
const plansPulls = defineQuery('apply-unattended.plans', ({ document }): boolean => {
  const workflow = document.workflow;
  return workflow !== undefined && workflow.triggers.some(t => t.event === 'pull_request') && workflow.jobs.some(j => j.steps.some(plans));
});

export default defineRule({
  id: 'apply-unattended',
  category: 'environments',
  severity: 'high',
  confidence: 'medium',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'unsafe',
  docs: {
    summary: 'Finds infrastructure that is changed on a push without a reviewed plan and without an environment.',
    why: 'Whatever the tool decides to replace or delete is gone before anybody has seen the plan.',
    references: [
      'https://developer.hashicorp.com/terraform/tutorials/automation/automate-terraform',
      'https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/manage-environments',
    ],
    standards: ['SEC-1', 'CIS 5.2.1', 'STRIDE-T', 'STRIDE-E'],
  },
  messages: {
    planned: '`{what}` changes what is running on each push: the plan of the pull request may be out of date by then, and nobody sees the one that is applied. Have a saved plan approved through an environment, and apply that.',
    unattended: '`{what}` changes what is running on each push, and nobody sees first what it will do. Plan, have the plan approved through an environment, and apply that plan.',
  },
  create(context) {
    return {
      job(job) {
        if (job.uses || !jobKinds(job).has('deploy') || isPracticeGround(job) || isTeardown(job)) return;
        if (!context.query(jobTriggers, job.id).some(t => t.event === 'push')) return;
        const deeds = job.steps.flatMap(step => (isTeardown(step) ? [] : deedsOf(step, ['deploy']).filter(d => appliesUnseen(d, step))));
        if (deeds.length === 0 || context.query(practiceWorkflow)) return;
        context.instance();
        if (job.environment || job.steps.some(asksSomebody) || context.query(approvedEarlier, job.id)) return;
        const [deed, ...more] = deeds as [Deed, ...Deed[]];
        const cluster = !deeds.some(isInfrastructure), planned = context.query(plansPulls);
        context.report({
          at: deed.at, messageId: planned ? 'planned' : 'unattended', data: { what: deed.what }, step: deed.step, job,
          adjust: [
            ...(cluster ? [{ by: -1, reason: 'What a cluster is told can be told again.' }] : []),
            ...(planned ? [{ by: -1, reason: 'Pull requests show a plan.' }] : []),
          ],
          related: more.map(d => ({ at: d.at, message: `\`${d.what}\` as well.` })),
          absorbs: ['deploy-no-environment'],
          fixes: [environmentFix(job)],
        });
      },
    };
  },
});

/** Shows what would be changed. */
function plans(step: Step): boolean {
  return /^(?:dflook\/(?:terraform|tofu)-plan)@/i.test(step.uses?.text ?? '') || (/^pulumi\/actions@/i.test(step.uses?.text ?? '') && inputText(step, 'command') === 'preview')
    || argvsOf(step).some(a => /^(?:(?:terraform|tofu|terragrunt) .*\bplan|pulumi .*\bpreview|cdk diff|kubectl diff|helm diff|helmfile (?:diff|template))\b/.test(a.slice(0, 6).map(w => w ?? '$').join(' ').replace(/^(?:sudo|npx) /, '')));
}

/** Applies without asking, and no plan that was made earlier. */
function appliesUnseen(deed: Deed, step: Step): boolean {
  if (!deed.command) {
    const action = deed.what.toLowerCase();
    if (action === 'pulumi/actions') return /^(?:up|update)$/.test(inputText(step, 'command') ?? '');
    return /^dflook\/(?:terraform|tofu)-apply$/.test(action) && inputText(step, 'auto_approve') === 'true';
  }
  const words = plainWords(deed.command), [program = '', ...args] = words;
  const has = (pattern: RegExp): boolean => args.some(a => pattern.test(a));
  switch (program) {
    case 'terraform': case 'tofu': case 'terragrunt':
      return args.includes('apply') && has(/^--?(?:auto-approve|terragrunt-non-interactive|non-interactive)(?:=true)?$/) && !has(PLAN_FILE);
    case 'pulumi': return args.includes('up') && has(/^(?:--yes|-y|--skip-preview|-f)$/) && !has(/^--plan/);
    case 'cdk': return args.includes('deploy') && has(/^(?:never|--require-approval=never)$/);
    case 'kubectl': return args.includes('apply');
    case 'helm': return args.includes('upgrade');
    case 'helmfile': return args.includes('apply') || args.includes('sync');
    default: return false;
  }
}

const PLAN_FILE = /^(?!-).*(?:plan|\.out)(?:\.\w+)?$/i;

/** Literal words, a dollar sign for what is known only at run time, without what only runs the program. */
function plainWords(command: Command): string[] {
  const words = unwrap(command.words).map(w => w.literal ?? '$');
  const runs = /^(?:npx|bunx|pnpx)$/.test(words[0] ?? '') ? 1 : /^(?:pnpm|yarn|npm|poetry|uv|bundle) (?:exec|dlx|run)$/.test(words.slice(0, 2).join(' ')) ? 2 : 0;
  const rest = words.slice(runs);
  while (runs > 0 && rest[0]?.startsWith('-')) rest.shift();
  return rest.map((w, i) => (i === 0 ? w.replace(/^.*\//, '').replace(/@.*$/, '') : w));
}

function isInfrastructure(deed: Deed): boolean {
  return !/^(?:kubectl|helm|helmfile)\b/.test(deed.what);
}
