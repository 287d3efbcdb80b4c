import { runnerLabel } from '../../catalog';
import { defineQuery, defineRule } from '../../engine/rule';
import { mapsExactly, valueRangeSpan } from '../../workflow/scalar-map';
import { asScalar, getEntry, getValue, scalarText } from '../../workflow/nodes';
import type { Job, Step } from '../../workflow/model';
import { localDocument } from '../shared/local-actions';
import { lockOf } from '../shared/lockfile';
import { workflowEvents } from '../shared/workflow-facts';

/** What an action of the checkout runs by (`composite`, `node24`); null where `./path` is none of its actions. */
const ownAction = defineQuery('self-repository-ref.action', ({ repository }, path: string): string | null =>
  (repository && localDocument(repository, { kind: 'local', path })?.action?.using?.value) ?? null);

const isCheckout = (step: Step): boolean => step.uses?.slug === 'actions/checkout';
const inputs = (step: Step, ...names: readonly string[]): boolean => names.some(n => getEntry(step.with?.value, n) !== undefined);

const isLocked = defineQuery('self-repository-ref.locked', ({ repository, document }) => lockOf(repository)?.workflows.has(document.path) === true);

/** Other repositories may use it: what lies under `.github` is for the repository's own workflows. */
const isPublished = defineQuery('self-repository-ref.published', ({ document }) => document.action !== undefined && !document.path.startsWith('.github/'));

/** Ways to name what the run is about, which is what `$/` takes. */
const RUN = /^\$\{\{\s*github\.(?:sha|ref|ref_name|workflow_sha|workflow_ref|event\.after)\s*\}\}$/;
/** On a pull request its own head: whoever wrote the one wrote the other. */
const HEAD = /github\.head_ref|github\.event\.pull_request\.(?:head|merge_commit_sha)/;

/** The checkout, if any, that puts another commit of the repository into the workspace than the one that the workflow is from. */
function otherCommit(before: readonly Step[], events: readonly string[]): string | undefined {
  const last = before.filter(s => isCheckout(s) && !inputs(s, 'path')).at(-1);
  const ref = scalarText(getEntry(last?.with?.value, 'ref')?.value)?.trim() ?? '';
  const own = ref === '' || RUN.test(ref) || (HEAD.test(ref) && events.every(e => e === 'pull_request' || e === 'push' || e === 'merge_group'));
  return own ? undefined : ref;
}

/** Old runners don't know the form: only GitHub's own are known to be new enough. */
function hosted(job: Job): boolean {
  const label = asScalar(job.runsOn?.value)?.value;
  return label !== undefined && runnerLabel(label) !== undefined;
}

export default defineRule({
  id: 'self-repository-ref',
  category: 'supply-chain',
  severity: 'low',
  confidence: 'medium',
  scope: 'repository',
  profile: 'strict',
  level: 5,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds actions of the repository itself named by `./path` where that is, or may be, another one than the run\'s.',
    why: '`./path` runs what lies in the workspace by then, whoever put it there, and a locked workflow can\'t use it.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses',
      'https://github.com/github/gh-actions-lock#self-repository-actions-',
    ],
    standards: ['SEC-3'],
  },
  messages: {
    workspace: '`./{path}` runs what lies in the workspace, and that is {ref} by then. `$/{path}` runs this repository\'s action at the commit of the run.',
    caller: '`./{path}` is looked for in the repository that uses this action. `$/{path}` is the action next to this one.',
    locked: 'A workflow in actions.lock can\'t use `./{path}`. `$/{path}` runs this repository\'s action at the commit of the run, and needs no lock.',
  },
  aliases: { zizmor: ['self-repository'] },
  create(context) {
    return {
      uses(uses, { step, job }) {
        const path = uses.path ?? '';
        // `./` alone is an action that tries itself out.
        if (uses.kind !== 'local' || !step || path.replace(/\/+$/, '') === '' || /(?:^|\/)\.\.?(?:\/|$)|[@\s\\]/.test(path)) return;
        const using = context.query(ownAction, path);
        if (using === null) return;
        context.instance();
        const before = (job?.steps ?? []).slice(0, step.index);
        // The workspace holds another repository, or an action that has just been built.
        if (before.some(s => isCheckout(s) && inputs(s, 'repository') && !inputs(s, 'path'))) return;
        if (using !== 'composite' && (!job || before.some(s => s.run))) return;
        const same = job !== undefined && hosted(job) && !before.some(s => isCheckout(s) && inputs(s, 'ref', 'repository', 'path'))
          && getValue(job.node, 'container') === null && !context.query(workflowEvents).includes('workflow_call');
        const other = otherCommit(before, context.query(workflowEvents));
        const messageId = context.query(isLocked) ? 'locked' : other !== undefined ? 'workspace' : context.query(isPublished) ? 'caller' : undefined;
        if (messageId === undefined) return;
        const at = valueRangeSpan(uses.scalar, 0, 2);
        const slashes = valueRangeSpan(uses.scalar, uses.text.replace(/\/+$/, '').length, uses.text.length);
        const plain = path.replace(/\/+$/, '');
        context.report({
          at: uses.scalar, messageId, data: { path: plain, ref: `\`${other ?? ''}\`` },
          fixes: [{
            title: `Name it $/${plain}`, safety: same ? 'safe' : 'unsafe', preferred: true,
            edits: ({ document }) => (mapsExactly(uses.scalar) && document.has(at) && document.source(at) === './'
              ? [{ ...document.range(at), newText: '$/' }, ...(plain === path ? [] : [{ ...document.range(slashes), newText: '' }])] : undefined),
          }],
        });
      },
    };
  },
});
