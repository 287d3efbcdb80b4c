import { definePractice, type Evidence } from '../practice';
import { repoFacts, type Manager, type Repository } from '../../repository';
import { isDeploy, isRelease } from '../../checks/shared/job-kind';
import { ciJobs, stepInput, type CiJob, type CiStep } from '../shared/ci';
import { toolCalls } from '../shared/commands';
import { ratio } from '../shared/verdict';

interface Setup {
  readonly managers: readonly Manager[];
  /** Commands that fetch dependencies: without one there is nothing to keep. */
  readonly fetches: (tool: string, args: readonly string[]) => boolean;
  readonly cached: (step: CiStep) => boolean;
}

const first = (args: readonly string[]): string => args.find(a => !a.startsWith('-')) ?? '';
const on = (name: string) => (s: CiStep): boolean => !['', 'false', undefined].includes(stepInput(s.step, name));
/** A setup action whose major is at least this caches by itself. A commit says nothing about its version: the comment behind it does. */
function majorOf(s: CiStep): number {
  const uses = s.step.uses!;
  return Number(/v(\d+)/.exec(`${uses.ref ?? ''} ${/^[0-9a-f]{40}$/.test(uses.ref ?? '') ? uses.comment?.text ?? '' : ''}`)?.[1] ?? 0);
}

const SETUPS: Readonly<Record<string, Setup>> = {
  'actions/setup-node': {
    managers: ['npm', 'pnpm', 'yarn'],
    fetches: (t, a) => (['npm', 'pnpm'].includes(t) && ['ci', 'install', 'i', 'clean-install'].includes(first(a)))
      || (t === 'yarn' && ['', 'install'].includes(first(a))),
    cached: on('cache'),
  },
  'actions/setup-python': {
    managers: ['pip', 'poetry', 'pipenv', 'uv'],
    fetches: (t, a) => (['pip', 'pip3', 'pipenv', 'poetry'].includes(t) && ['install', 'sync'].includes(first(a))) || t === 'tox'
      || t === 'nox',
    cached: on('cache'),
  },
  'actions/setup-java': { managers: ['maven', 'gradle'], fetches: t => ['mvn', 'mvnw', 'gradle', 'gradlew'].includes(t),
    cached: on('cache') },
  'actions/setup-go': { managers: ['go'], fetches: (t, a) => t === 'go'
    && ['build', 'test', 'mod', 'install', 'vet', 'run', 'generate'].includes(first(a)),
    cached: s => stepInput(s.step, 'cache') !== 'false' && majorOf(s) !== 2 && (majorOf(s) !== 3 || on('cache')(s)) },
  'ruby/setup-ruby': { managers: ['bundler'], fetches: (t, a) => t === 'bundle' && first(a) === 'install', cached: on('bundler-cache') },
  'astral-sh/setup-uv': { managers: ['uv', 'pip', 'poetry'], fetches: (t, a) => t === 'uv' && ['sync', 'run', 'pip'].includes(first(a)),
    cached: s => stepInput(s.step, 'enable-cache') !== 'false' },
};
const CACHES = /^(?:actions\/cache(?:\/restore)?|swatinem\/rust-cache|gradle\/actions\/setup-gradle|gradle\/gradle-build-action|bahmutov\/npm-install|ramsey\/composer-install|runs-on\/cache|namespacelabs\/nscloud-cache-action)$/;

interface Found { readonly step: CiStep; readonly name: string; readonly cached: boolean }

function setups(repo: Repository): Found[] {
  const locked = new Set(repoFacts(repo).stack.projects.filter(p => p.lockfile || p.manager === 'maven' || p.manager === 'gradle'
    || p.manager === 'pip').map(p => p.manager));
  return ciJobs(repo).filter(j => !j.caller && !isRelease(j.job) && !isDeploy(j.job)).flatMap(job => inJob(repo, job, locked));
}

function inJob(repo: Repository, job: CiJob, locked: ReadonlySet<Manager>): Found[] {
  const name = (s: CiStep): string => s.step.uses?.kind === 'repository'
    ? [s.step.uses.owner, s.step.uses.repo, s.step.uses.path].filter(Boolean).join('/').toLowerCase() : '';
  const other = job.steps.some(s => CACHES.test(name(s)));
  const calls = job.steps.flatMap(s => toolCalls(repo, s));
  return job.steps.flatMap((step): Found[] => {
    const setup = SETUPS[name(step)];
    if (!setup?.managers.some(m => locked.has(m))) return [];
    if (name(step) !== 'ruby/setup-ruby' && !calls.some(c => setup.fetches(c.tool, c.args))) return [];
    return [{ step, name: name(step), cached: other || setup.cached(step) }];
  });
}

export default definePractice({
  id: 'dependency-cache',
  title: 'Dependency cache',
  category: 'Developer Experience',
  level: 2,
  severity: 'medium',
  since: '0.1.0',
  docs: {
    summary: 'Jobs that install dependencies keep them between runs, except those that release.',
    why: 'Fetching the same packages again costs minutes on every run, and every registry outage becomes yours. In a release it would let an older run decide what is shipped.',
    references: [
      'https://docs.github.com/en/actions/reference/workflows-and-actions/dependency-caching',
      'https://github.com/actions/setup-node#caching-global-packages-data',
    ],
  },
  applies: repo => setups(repo).length > 0,
  evidence(repo) {
    const all = setups(repo), open = all.filter(s => !s.cached);
    const place = (f: Found): Evidence => ({ path: f.step.document.path, ...f.step.document.range(f.step.step.uses!.scalar),
      text: `${f.name} keeps dependencies` });
    return ratio(all.length - open.length, all.length, all.filter(s => s.cached).map(place),
      open.map(f => `a cache for ${f.name} in ${f.step.document.path} (${f.step.job.job.id})`));
  },
  scaffold: null,
});
