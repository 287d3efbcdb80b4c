import { defineQuery, defineRule, type Fix, type RuleContext } from '../../engine/rule';
import { replaceValue, setJobKey, setStepInput } from '../../workflow/edits';
import type { TextEdit } from '../../workflow/document';
import type { Job, Step } from '../../workflow/model';
import { asMapping } from '../../workflow/nodes';
import { inputEntry } from '../shared/artifact-uploads';
import { cacheMode } from '../shared/cache-mode';
import { cacheUse, majorOf, type CacheUse } from '../shared/caches';
import { isPreview, isRelease, outsideKinds, stepKinds } from '../shared/job-kind';
import { askedRunner, isHosted } from '../shared/runner-labels';
import { eventTypes, workflowEvents } from '../shared/workflow-facts';

/** Events whose runs publish what people use. */
const RELEASING = new Set([
  'push', 'release', 'workflow_dispatch', 'repository_dispatch', 'workflow_call', 'schedule', 'create', 'deployment', 'workflow_run', 'registry_package',
]);

/** True where no Go module is in the checkout: what setup-go would make its key from isn't there, and it restores nothing. */
const noGoModule = defineQuery('cache-in-release.no-go-module', ({ repository }) =>
  repository !== undefined && !repository.files.some(f => /(?:^|\/)go\.(?:mod|sum|work)$/.test(f)));

/** The package manager that package.json names: setup-node caches for it by itself from v5 on, and since v6 for npm alone. */
const namedManager = defineQuery('cache-in-release.package-manager', ({ repository }): string | null =>
  /"packageManager"\s*:\s*"([a-z]{1,20})@/.exec(repository?.read('package.json') ?? '')?.[1] ?? null);

export default defineRule({
  id: 'cache-in-release',
  category: 'artifacts',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 4,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds jobs that publish or release and that restore a cache which other runs have written.',
    why: 'Whoever once gets code into a run that writes the cache decides what is in the next release, and nothing in the repository shows it.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching',
      'https://adnanthekhan.com/2024/05/06/the-monsters-in-your-build-cache-github-actions-cache-poisoning/',
      'https://slsa.dev/spec/v1.1/requirements#isolated',
    ],
    standards: ['SEC-9', 'SLSA Build L3', 'STRIDE T'],
  },
  messages: {
    restored: 'Job `{job}` {doing}, and `{what}` restores a cache that other runs have written. Build releases from scratch: turn the cache off here.',
  },
  aliases: { zizmor: ['cache-poisoning'] },
  create(context) {
    return {
      job(job) {
        if (!isRelease(job) || isPreview(job) || !context.query(workflowEvents).some(e => RELEASING.has(e) || isMerge(context, e))) return;
        context.instance();
        const mode = cacheMode(context, job);
        if (mode === 'none' || mode === 'write-only') return;
        const uses = job.steps.flatMap(s => cacheUse(s) ?? byManifest(context, s) ?? []).filter(u => !isEmpty(context, u) && !isElsewhere(u, job));
        const first = uses.find(u => !u.implicit) ?? uses[0];
        if (!first) return;
        context.report({
          at: first.at,
          messageId: 'restored',
          step: first.step,
          data: { job: job.id, doing: outsideKinds(job).includes('publish') ? 'publishes' : 'releases', what: first.what },
          confidence: first.implicit ? 'medium' : 'high',
          related: [
            ...job.steps.filter(s => stepKinds(s).has('publish') || stepKinds(s).has('release')).slice(0, 1)
              .map(s => ({ at: s.uses?.nameSpan ?? s.run?.entry.key ?? s.node, message: 'This is what it goes out with' })),
            ...uses.filter(u => u !== first).map(u => ({ at: u.at, message: `\`${u.what}\` restores a cache, too` })),
          ],
          fixes: fixes(job, uses),
        });
      },
    };
  },
});

type Asker = Pick<RuleContext, 'query'>;

/** A pull request that is closed is merged by then, where a release is made of it. */
function isMerge(context: Asker, event: string): boolean {
  const types = event === 'pull_request' ? context.query(eventTypes, event) ?? [] : [];
  return types.length > 0 && types.every(t => t === 'closed');
}

/** Where another repository is checked out, the files of this one say nothing. */
const worksElsewhere = (step: Step): boolean => step.job?.steps.some(s => inputEntry(s, 'repository')) === true;

/** What setup-node does by default where package.json names a package manager. */
function byManifest(context: Asker, step: Step): CacheUse | undefined {
  const { uses } = step, what = 'actions/setup-node';
  if (!uses || uses.slug !== what || uses.path || (step.with && !asMapping(step.with.value))) return undefined;
  if (inputEntry(step, 'cache') || inputEntry(step, 'package-manager-cache') || worksElsewhere(step)) return undefined;
  const major = majorOf(step), named = major >= 5 ? context.query(namedManager) : null;
  if (named === null || (major > 5 && named !== 'npm')) return undefined;
  return { step, what, at: uses.nameSpan, implicit: true, off: document => setStepInput(document, step, 'package-manager-cache', false) };
}

/** Nothing asks for the cache, and there is nothing that it could be about. */
function isEmpty(context: Asker, { implicit, what, step }: CacheUse): boolean {
  return implicit && what.toLowerCase() === 'actions/setup-go' && !inputEntry(step, 'cache-dependency-path') && !worksElsewhere(step)
    && context.query(noGoModule);
}

/** What setup-uv does by default, it does on GitHub's runners alone. */
function isElsewhere({ implicit, what }: CacheUse, job: Job): boolean {
  return implicit && what.toLowerCase() === 'astral-sh/setup-uv' && !isHosted(askedRunner(job));
}

function fixes(job: Job, uses: readonly CacheUse[]): Fix[] {
  const mode: Fix = {
    title: 'Set cache-mode: none for the job', safety: 'unsafe',
    edits: ({ document }) => (job.cacheMode ? replaceValue(document, job.cacheMode, 'none') : setJobKey(document, job, 'cache-mode', 'none')),
  };
  if (!uses.every(u => u.off)) return [{ ...mode, preferred: true }];
  const off: Fix = {
    title: uses.length === 1 ? 'Turn the cache off' : `Turn the ${uses.length} caches off`, safety: 'safe', preferred: true,
    edits: ({ document }) => {
      const edits: TextEdit[] = [];
      for (const use of uses) {
        const own = use.off?.(document);
        if (!own) return undefined;
        edits.push(...own);
      }
      return edits;
    },
  };
  return [off, mode];
}
