import { defineRule } from '../../engine/rule';
import { BlockMemo } from '../../workflow/block-memo';
import type { Job } from '../../workflow/model';
import { checkActionInputs, INPUT_MESSAGES } from './graph/action-inputs';
import { CALL_MESSAGES, checkCall } from './graph/calls';
import { checkCron, CRON_MESSAGES } from './graph/cron';
import { checkEvents, EVENT_MESSAGES } from './graph/events';
import { broken } from './graph/facts';
import { checkGlobs, GLOB_MESSAGES } from './graph/globs';
import { checkInputsAccess, CONTEXT_MESSAGES, declaredBy, declaredByAction, type Declared } from './graph/inputs';
import { checkJobNames, checkStepIds, ID_MESSAGES, stepsById, type Steps } from './graph/ids';
import { checkNeeds, jobsByName, NEEDS_MESSAGES, type Jobs } from './graph/needs';
import { checkCallOutputs, OUTPUT_MESSAGES } from './graph/outputs';
import { checkPermissions, PERMISSION_MESSAGES } from './graph/permissions';
import { checkNeedsAccess, checkStepsAccess, REFERENCE_MESSAGES } from './graph/references';
import { checkShell, defaultShell, SHELL_MESSAGES } from './graph/shells';

const steps = new BlockMemo<Job, Steps>();
const stepsOf = (job: Job): Steps => steps.get(job.entry.block, job, j => stepsById(j.steps));

export default defineRule({
  id: 'graph-invalid',
  category: 'reliability',
  severity: 'high',
  confidence: 'high',
  scope: 'workflow',
  profile: 'recommended',
  level: 2,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds names that lead nowhere: jobs, steps, outputs, inputs, events, filters, permissions and shells that are not there.',
    why: 'GitHub refuses the whole file, so that nothing of it runs, or puts an empty text where a value was meant.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/contexts',
    ],
    standards: ['STRIDE-D'],
  },
  aliases: { actionlint: ['job-needs', 'id', 'events', 'glob', 'permissions', 'shell-name', 'action', 'workflow-call'] },
  messages: {
    ...EVENT_MESSAGES, ...CRON_MESSAGES, ...GLOB_MESSAGES, ...NEEDS_MESSAGES, ...ID_MESSAGES, ...REFERENCE_MESSAGES, ...OUTPUT_MESSAGES,
    ...PERMISSION_MESSAGES, ...SHELL_MESSAGES, ...INPUT_MESSAGES, ...CONTEXT_MESSAGES, ...CALL_MESSAGES,
  },
  keepsState: true,
  create(context) {
    let jobs: Jobs = new Map();
    let ofAction: Steps = new Map();
    let inputs: Declared | undefined;
    return {
      workflow(workflow) {
        jobs = jobsByName(workflow);
        inputs = declaredBy(workflow);
        checkEvents(context, workflow);
        checkCron(context, workflow);
        checkGlobs(context, workflow);
        checkPermissions(context, workflow.permissions);
        checkShell(context, defaultShell(workflow.defaults), {});
        checkJobNames(context, workflow);
        // Where a job is half typed, others look as if they led nowhere.
        if (context.query(broken)) return;
        checkNeeds(context, workflow, jobs);
        checkCallOutputs(context, workflow, jobs);
      },
      job(job) {
        checkPermissions(context, job.permissions);
        checkShell(context, defaultShell(job.defaults), { job });
        checkStepIds(context, job.steps, stepsOf(job));
        checkCall(context, job);
      },
      action(action) {
        ofAction = stepsById(action.steps);
        inputs = declaredByAction(action);
        checkStepIds(context, action.steps, ofAction);
      },
      step(step) {
        checkShell(context, step.shell, { step, job: step.job });
      },
      uses(uses, { step, job }) {
        if (step) checkActionInputs(context, uses, step, job);
      },
      expression(site) {
        const { step, job, path } = site;
        if (!/needs|steps|inputs/i.test(site.expression.source) || context.query(broken)) return;
        if (inputs) checkInputsAccess(context, site, inputs);
        if (job) checkNeedsAccess(context, site, job, jobs);
        // What the keys of a job may say of its steps: GitHub knows them there when they have run.
        if (!step && !/^(?:outputs|environment)(?:\.|$)/.test(path)) return;
        if (job) checkStepsAccess(context, site, stepsOf(job), 'this job');
        else checkStepsAccess(context, site, ofAction, 'this action');
      },
    };
  },
});
