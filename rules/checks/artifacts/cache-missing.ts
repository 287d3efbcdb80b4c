import { versionOf } from '../../catalog';
import { defineQuery, defineRule } from '../../engine/rule';
import type { Repository } from '../../repository/repository';
import { setStepInput } from '../../workflow/edits';
import type { Job, Step } from '../../workflow/model';
import { asMapping } from '../../workflow/nodes';
import { inputEntry, usesAction } from '../shared/artifact-uploads';
import { cacheMode } from '../shared/cache-mode';
import { cacheUse } from '../shared/caches';
import { isDeploy, isRelease } from '../shared/job-kind';
import { askedRunner, isHosted } from '../shared/runner-labels';
import { argvsOf } from '../shared/step-commands';

type Manager = 'npm' | 'yarn' | 'pnpm' | 'pip' | 'maven' | 'gradle';
interface Setup { readonly since: number; readonly managers: readonly Manager[] }

/** Setup actions with an input `cache`, since which major, and what it can be. */
const SETUPS: Readonly<Record<string, Setup>> = {
  'actions/setup-node': { since: 3, managers: ['npm', 'yarn', 'pnpm'] },
  'actions/setup-python': { since: 3, managers: ['pip'] },
  'actions/setup-java': { since: 3, managers: ['maven', 'gradle'] },
};

/** Files at the root whose hash is the cache's key: the setup action fails without one. */
const LOCKS: Readonly<Record<Manager, readonly string[]>> = {
  npm: ['package-lock.json', 'npm-shrinkwrap.json'], yarn: ['yarn.lock'], pnpm: ['pnpm-lock.yaml'], pip: ['requirements.txt'], maven: ['pom.xml'],
  gradle: ['build.gradle', 'build.gradle.kts'],
};

/** The file that a cache would go by, where turning it on can't fail; null where there is none or it isn't known. */
const lockOf = defineQuery('cache-missing.lock', ({ repository, document }, manager: Manager, major: number): string | null => {
  // Commands run elsewhere then, and files lie elsewhere.
  if (!repository || document.workflow?.defaults) return null;
  const found = LOCKS[manager].find(f => repository.has(f));
  return found && (['npm', 'yarn', 'pnpm'].includes(manager) ? nodeNeedsIt(repository, manager, major) : true) ? found : null;
});

/** From v5 on the action caches by itself what `packageManager` names (npm alone since v6). Another yarn than the runner's has to be there first. */
function nodeNeedsIt(repository: Repository, manager: Manager, major: number): boolean {
  const text = repository.read('package.json');
  if (text === undefined) return false;
  const named = /"packageManager"\s*:\s*"([a-z]+)@/.exec(text)?.[1] ?? (/"devEngines"\s*:/.test(text) ? 'npm' : undefined);
  if (manager === 'yarn' && (named !== undefined || repository.has('.yarnrc.yml'))) return false;
  return !(named !== undefined && ((major === 5) || (major > 5 && named === 'npm')));
}

export default defineRule({
  id: 'cache-missing',
  category: 'artifacts',
  severity: 'info',
  confidence: 'medium',
  scope: 'job',
  profile: 'strict',
  level: 3,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds setup actions that could keep downloaded packages between runs and were not told to.',
    why: 'Every run fetches the same packages again, which takes time and fails whenever the registry does.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching',
      'https://github.com/actions/setup-node#caching-global-packages-data',
    ],
  },
  messages: {
    missing: 'This job fetches what `{lock}` names anew in each run. Set `cache: {manager}`, so that `{action}` keeps it.',
  },
  create(context) {
    return {
      job(job) {
        if (job.steps.length === 0 || job.container || isRelease(job) || isDeploy(job) || !isHosted(askedRunner(job))) return;
        if (!job.steps.some(s => setupOf(s))) return;
        const mode = cacheMode(context, job);
        if (mode !== 'unset' && mode !== 'write') return;
        if (asMapping(job.defaults?.value) || job.steps.some(s => /cache/i.test(s.uses?.text ?? ''))) return;
        job.steps.forEach((step, i) => {
          const setup = setupOf(step);
          if (!setup) return;
          const before = job.steps.slice(0, i), manager = fetched(job, i, setup);
          if (manager === undefined || !before.some(checksOutRoot)) return;
          // The action asks pnpm where its packages are.
          if (manager === 'pnpm' && !before.some(s => usesAction(s, 'pnpm/action-setup'))) return;
          const major = majorOf(step);
          const lock = major >= setup.since ? context.query(lockOf, manager, major) : null;
          if (lock === null) return;
          context.instance();
          if (inputEntry(step, 'cache') || inputEntry(step, 'package-manager-cache') || before.some(s => cacheUse(s)?.what.toLowerCase() === 'pnpm/action-setup')) return;
          context.report({
            at: step.uses!.nameSpan,
            messageId: 'missing',
            data: { lock, manager, action: `${step.uses!.owner}/${step.uses!.repo}` },
            fixes: [{ title: `Set cache: ${manager}`, safety: 'safe', preferred: true, edits: ({ document }) => setStepInput(document, step, 'cache', manager) }],
          });
        });
      },
    };
  },
});

function setupOf(step: Step): Setup | undefined {
  const { uses } = step;
  if (uses?.kind !== 'repository' || uses.path || (step.with && !asMapping(step.with.value))) return undefined;
  const name = uses.slug;
  return Object.hasOwn(SETUPS, name) ? SETUPS[name] : undefined;
}

/** -1 where it isn't known. */
function majorOf(step: Step): number {
  const { owner = '', repo = '', ref = '' } = step.uses!;
  return Number(/^[vV]?(\d{1,3})(?:\.|$)/.exec(versionOf(owner, repo, ref) ?? ref)?.[1] ?? -1);
}

/** The repository itself, into the workspace, whatever happens. */
function checksOutRoot(step: Step): boolean {
  return usesAction(step, 'actions/checkout') && !step.if && !['path', 'repository', 'sparse-checkout'].some(n => inputEntry(step, n));
}

/** The package manager that a later step fetches with, at the root. */
function fetched(job: Job, from: number, setup: Setup): Manager | undefined {
  for (const step of job.steps.slice(from + 1)) {
    if (step.workingDirectory) continue;
    for (const [program = '', ...rest] of argvsOf(step)) {
      const manager = managerOf(program, rest);
      if (manager && setup.managers.includes(manager)) return manager;
    }
  }
  return undefined;
}

function managerOf(program: string, args: readonly (string | undefined)[]): Manager | undefined {
  const verb = args.find(a => a !== undefined && !a.startsWith('-'));
  if (args.some(a => a === undefined || /^(?:--prefix|-C|--cwd|--dir|-f|--file|-p|--project-dir|-g|--global)$/.test(a)) && program !== 'pip') return undefined;
  switch (program) {
    case 'npm': return verb === 'ci' || ((verb === 'install' || verb === 'i') && args.length === 1) ? 'npm' : undefined;
    case 'yarn': return verb === undefined || verb === 'install' ? 'yarn' : undefined;
    case 'pnpm': return verb === 'install' || verb === 'i' ? 'pnpm' : undefined;
    case 'pip': case 'pip3': return verb === 'install' && args.includes('requirements.txt') ? 'pip' : undefined;
    case 'mvn': case './mvnw': return verb === undefined ? undefined : 'maven';
    case 'gradle': case './gradlew': return verb === undefined ? undefined : 'gradle';
    default: return undefined;
  }
}
