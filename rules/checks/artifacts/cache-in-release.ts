import { defineQuery, defineRule, type Fix } from '../../engine/rule';
import { replaceValue, setJobKey } from '../../workflow/edits';
import type { TextEdit } from '../../workflow/document';
import type { Job } from '../../workflow/model';
import { inputEntry } from '../shared/artifact-uploads';
import { cacheMode } from '../shared/cache-mode';
import { cacheUse, type CacheUse } from '../shared/caches';
import { isPreview, isRelease, outsideKinds, stepKinds } from '../shared/job-kind';
import { askedRunner, isHosted } from '../shared/runner-labels';
import { workflowEvents } from '../shared/workflow-facts';

/** Events whose runs publish what people use. */
const RELEASING = new Set([
  'push', 'release', 'workflow_dispatch', 'repository_dispatch', 'workflow_call', 'schedule', 'create', 'deployment', 'workflow_run', 'registry_package',
]);

/** True where no Go module is in the checkout: what setup-go would make its key from isn't there, and it restores nothing. */
const noGoModule = defineQuery('cache-in-release.no-go-module', ({ repository }) =>
  repository !== undefined && !repository.files.some(f => /(?:^|\/)go\.(?:mod|sum|work)$/.test(f)));

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
        if (!isRelease(job) || isPreview(job) || !context.query(workflowEvents).some(e => RELEASING.has(e))) return;
        context.instance();
        const mode = cacheMode(context, job);
        if (mode === 'none' || mode === 'write-only') return;
        const uses = job.steps.flatMap(s => cacheUse(s) ?? []).filter(u => !isEmpty(u, () => context.query(noGoModule)) && !isElsewhere(u, job));
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

/** Nothing asks for the cache, and there is nothing that it could be about. */
function isEmpty({ implicit, what, step }: CacheUse, noModule: () => boolean): boolean {
  return implicit && what.toLowerCase() === 'actions/setup-go' && !inputEntry(step, 'cache-dependency-path')
    && !step.job?.steps.some(s => inputEntry(s, 'repository')) && noModule();
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
