import { definePractice, type Evidence } from '../practice';
import { repoFacts, type Manager, type Repository } from '../../repository';
import { applyEdits, type SourceDocument } from '../../workflow/document';
import { setStepInput } from '../../workflow/edits';
import { scalarText } from '../../workflow/nodes';
import { parseSource } from '../../workflow/parse';
import { isDeploy, isRelease, jobKinds } from '../../checks/shared/job-kind';
import { needsOf } from '../../checks/shared/started';
import type { Job } from '../../workflow/model';
import { ciJobs, stepInput, type CiJob, type CiStep } from '../shared/ci';
import { toolCalls } from '../shared/commands';
import { ratio } from '../shared/verdict';

interface Setup {
  readonly managers: readonly Manager[];
  /** Commands that fetch dependencies: without one there is nothing to keep. */
  readonly fetches: (tool: string, args: readonly string[]) => boolean;
  readonly cached: (step: CiStep) => boolean;
  /** An input for nothing but to say that no cache is wanted. */
  readonly declined?: string;
}

const first = (args: readonly string[]): string => args.find(a => !a.startsWith('-')) ?? '';
const on = (name: string) => (s: CiStep): boolean => !['', 'false', undefined].includes(stepInput(s.step, name));
/** A setup action whose major is at least this caches by itself. A commit says nothing about its version: the comment behind it does. */
function majorOf(s: CiStep): number {
  const uses = s.step.uses!;
  return Number(/v(\d+)/.exec(`${uses.ref ?? ''} ${/^[0-9a-f]{40}$/.test(uses.ref ?? '') ? uses.comment?.text ?? '' : ''}`)?.[1] ?? 0);
}

/** What the project needs, as a file or the project itself says. A linter by its name is no dependency that a file could be asked about. */
function asksForProject(args: readonly string[]): boolean {
  return args.some((a, i) => /^(?:-r|-e|-c|--requirement|--editable|--constraint|--group)(?:=|$)|^-r./.test(a)
    || (i > 0 && /^\.|^\$|\/|\.(?:txt|whl|tar\.gz)$/.test(a) && !a.startsWith('-') && !/^(?:-i|--index-url|--extra-index-url|-t|--target|-f|--find-links)$/.test(args[i - 1]!)));
}

const SETUPS: Readonly<Record<string, Setup>> = {
  'actions/setup-node': {
    managers: ['npm', 'pnpm', 'yarn'],
    fetches: (t, a) => (['npm', 'pnpm'].includes(t) && ['ci', 'install', 'i', 'clean-install'].includes(first(a))
      && !a.some(x => x === '-g' || x === '--global')) || (t === 'yarn' && ['', 'install'].includes(first(a))),
    cached: on('cache'),
    declined: 'package-manager-cache',
  },
  'actions/setup-python': {
    managers: ['pip', 'poetry', 'pipenv', 'uv'],
    fetches: (t, a) => (['pip', 'pip3', 'pipenv', 'poetry'].includes(t) && ['install', 'sync'].includes(first(a))
      && (!t.startsWith('pip') || t === 'pipenv' || asksForProject(a))) || t === 'tox' || t === 'nox',
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

/** A tool of the repository's own that is handed the language: what it fetches, its recipe knows. */
const BY_PROXY: Readonly<Record<string, { readonly tools: RegExp; readonly actions: RegExp }>> = {
  'actions/setup-go': { tools: /^(?:task|make|gmake|just|mage|goreleaser|golangci-lint)$/,
    actions: /^(?:golangci\/golangci-lint-action|golang\/govulncheck-action)$/ },
};

/** `cached` is undefined where a file that can't be read would tell. */
interface Found { readonly step: CiStep; readonly name: string; readonly cached: boolean | undefined }

function setups(repo: Repository): Found[] {
  const locked = new Set(repoFacts(repo).stack.projects.filter(p => p.lockfile || p.manager === 'maven' || p.manager === 'gradle'
    || p.manager === 'pip').map(p => p.manager));
  return ciJobs(repo).filter(j => !j.caller && !isOutside(j.job) && !isHandedOn(j)).flatMap(job => inJob(repo, job, locked));
}

const isOutside = (job: Job): boolean => isRelease(job) || isDeploy(job);
const transfers = (job: Job, what: 'upload' | 'download'): boolean => job.steps.some(s => s.uses?.slug.toLowerCase() === `actions/${what}-artifact`);

/** What it builds is published by a job that comes after it: whoever can write to its cache has a hand in the release. */
function isHandedOn(j: CiJob): boolean {
  const { workflow } = j.document;
  return workflow !== undefined && transfers(j.job, 'upload') && isBuild(j.job)
    && workflow.jobs.some(later => isOutside(later) && transfers(later, 'download') && needsOf(workflow, later).includes(j.job));
}

/** Jobs that test upload reports, which nobody publishes. */
function isBuild(job: Job): boolean {
  const kinds = jobKinds(job);
  return !kinds.has('test') || kinds.has('build');
}

function inJob(repo: Repository, job: CiJob, locked: ReadonlySet<Manager>): Found[] {
  const name = (s: CiStep): string => s.step.uses?.kind === 'repository'
    ? [s.step.uses.owner, s.step.uses.repo, s.step.uses.path].filter(Boolean).join('/').toLowerCase() : '';
  const other = job.steps.some(s => CACHES.test(name(s)) && keepsDependencies(s));
  // A folder that only the run knows holds no project of the repository.
  const calls = job.steps.filter(s => !scalarText(s.step.workingDirectory?.value)?.includes('${{')).flatMap(s => toolCalls(repo, s));
  const found = job.steps.flatMap((step): Found[] => {
    const setup = SETUPS[name(step)], proxy = BY_PROXY[name(step)];
    if (!setup?.managers.some(m => locked.has(m))) return [];
    const cached = other || setup.cached(step) || (name(step) === 'actions/setup-node' && cachesByItself(repo, step, locked));
    if (name(step) !== 'ruby/setup-ruby' && !calls.some(c => setup.fetches(c.tool, c.args))
      // Whether a recipe fetches anything can't be told: a cache that is there counts, and none is asked for.
      && !(cached && proxy && (calls.some(c => proxy.tools.test(c.tool)) || job.steps.some(s => proxy.actions.test(name(s)))))) return [];
    // A cache that other runs can write to is left out on purpose, ahead of what is released.
    if (!cached && setup.declined !== undefined && stepInput(step.step, setup.declined) === 'false') return [];
    return [{ step, name: name(step), cached }];
  });
  // Without a step that sets the language up (it is in the runner's image), the cache is a step of its own, told by what is locked.
  // One that only changes the version again finds what the first has restored.
  if (found.length > 0) return found.filter(f => f.cached !== false || !found.some(x => x.name === f.name && x.cached === true));
  const keeps = job.steps.find(s => CACHES.test(name(s)) && isKeyed(s));
  // What Cargo fetches is kept by an action of its own, locked or not.
  const rust = calls.some(c => c.tool === 'cargo') ? job.steps.find(s => name(s) === 'swatinem/rust-cache') : undefined;
  if (rust) return [{ step: rust, name: name(rust), cached: true }];
  return keeps && Object.values(SETUPS).some(setup => setup.managers.some(m => locked.has(m)) && calls.some(c => setup.fetches(c.tool, c.args)))
    ? [{ step: keeps, name: name(keeps), cached: true }] : [];
}

/** From its fifth major on the action caches what `packageManager` names; from the sixth on npm alone. */
function cachesByItself(repo: Repository, s: CiStep, locked: ReadonlySet<Manager>): boolean | undefined {
  if (majorOf(s) >= (locked.has('npm') ? 5 : Infinity) && stepInput(s.step, 'package-manager-cache') !== 'false' && repo.has('package.json')
    && repo.read('package.json') === undefined) return undefined;
  const named = repoFacts(repo).stack.packages.get('')?.packageManager?.split('@')[0], major = majorOf(s);
  return named !== undefined && stepInput(s.step, 'package-manager-cache') !== 'false' && (major >= 6 ? named === 'npm' : major === 5);
}

/** What package managers keep, by its folder or by the files that the key goes by; results of linters and tests are kept elsewhere. */
function keepsDependencies(s: CiStep): boolean {
  const path = stepInput(s.step, 'path') ?? '';
  // What only the run knows is told by what it is called: `steps.pip-cache.outputs.dir`, and not `matrix.report`.
  return isKeyed(s) || FOLDERS.test(path) || (path.includes('${{') && /(?:^|[^a-z])(?:npm|yarn|pnpm|pip|poetry|uv|maven|gradle|go|cargo|composer|gems?|modules?|cache|store|deps|dependenc\w+)(?:$|[^a-z])/i.test(path));
}

const FOLDERS = /(?:^|[\s/~.])(?:node_modules|npm|yarn|pnpm(?:-store)?|pip|pipenv|venv|virtualenvs?|site-packages|poetry|pypoetry|uv|m2|gradle|go|go-build|cargo|composer|vendor|bundle|gem|cache)(?:$|[\s/])/im;

/** A cache of dependencies goes by the files that name them; a cache of builds goes by other things. */
function isKeyed(s: CiStep): boolean {
  return !/^(?:actions|runs-on|namespacelabs)\//.test(s.step.uses!.slug.toLowerCase())
    || /hashFiles\([^)]{0,300}(?:lock|requirements|pyproject|go\.sum|gradle|pom\.xml|package\.json)/i.test(stepInput(s.step, 'key') ?? '');
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
    const all = setups(repo), open = all.filter(s => !s.cached), dark = all.filter(s => s.cached === undefined);
    const place = (f: Found): Evidence => ({ path: f.step.document.path, ...f.step.document.range(f.step.step.uses!.scalar),
      text: `${f.name} keeps dependencies` });
    if (dark.length === open.length && dark.length * 2 > all.length) return { result: 'unknown', evidence: all.filter(s => s.cached).map(place).slice(0, 12),
      lookedFor: ['whether package.json, which could not be read, names a packageManager: actions/setup-node keeps its packages by itself then'] };
    return ratio(all.length - open.length, all.length, all.filter(s => s.cached).map(place),
      open.map(f => `a cache for ${f.name} in ${f.step.document.path} (${f.step.job.job.id})`));
  },
  scaffold: {
    kind: 'edit',
    title: 'Keep dependencies between runs',
    plan(repo) {
      const open = setups(repo).filter(s => s.cached === false), seen = new Set<unknown>();
      if (open.length === 0) return { refused: 'Every job that installs dependencies keeps them already.' };
      const texts = new Map<string, SourceDocument>(), done: string[] = [], changed = new Set<unknown>();
      for (const { step, name } of open) {
        const input = cacheInput(repo, name, step);
        if (seen.has(step.step) || input === undefined) continue;
        seen.add(step.step);
        const document = texts.get(step.document.path) ?? step.document;
        const next = withInput(document, step, input);
        if (!next) continue;
        texts.set(document.path, next);
        changed.add(step.step);
        done.push(`${name} in ${document.path}`);
      }
      const left = open.filter(o => !changed.has(o.step.step));
      if (texts.size === 0) return { refused: `No cache can be set for ${open[0]!.name} in ${open[0]!.step.document.path}: its version has none, its steps are in flow style, or nothing is locked that it could be told by.` };
      return {
        changes: [...texts].map(([path, d]) => ({ path, created: false, newText: d.text })),
        explanation: `Keeps dependencies between runs: ${[...new Set(done)].slice(0, 8).join(', ')}. Jobs that publish or deploy are left as they are.`,
        todo: left.length > 0 ? [`Add a cache by hand to ${left.slice(0, 4).map(o => `${o.name} in ${o.step.document.path}`).join(', ')}: how can't be told from the files.`] : [],
      };
    },
  },
});

/** The input that turns the cache on, with the lockfile that tells when it is stale. */
function cacheInput(repo: Repository, name: string, step: CiStep): Readonly<Record<string, string | boolean>> | undefined {
  const { projects } = repoFacts(repo).stack, setup = SETUPS[name]!;
  if (name === 'ruby/setup-ruby') return { 'bundler-cache': true };
  if (name === 'astral-sh/setup-uv') return { 'enable-cache': true };
  if (name === 'actions/setup-go') return majorOf(step) === 2 ? undefined : { cache: true };
  const used = new Set(toolCalls(repo, step).map(c => c.tool));
  for (const s of step.job.steps) for (const c of toolCalls(repo, s)) used.add(c.tool);
  const wanted = projects.filter(p => setup.managers.includes(p.manager) && (p.lockfile !== undefined || ['pip', 'maven', 'gradle'].includes(p.manager))
    && [p.manager, p.manager === 'maven' ? 'mvn' : p.manager === 'gradle' ? 'gradlew' : p.manager, p.manager === 'maven' ? 'mvnw' : '', p.manager === 'pip' ? 'pip3' : ''].some(t => used.has(t)));
  const project = wanted.find(p => p.dir === '') ?? wanted[0];
  // Setting up pnpm or yarn after Node is too late for the cache to ask them where they keep things.
  if (!project || project.manager === 'uv' || ((project.manager === 'pnpm' || project.manager === 'yarn') && !managerFirst(step, project.manager))) return undefined;
  const key = project.lockfile ?? project.manifest;
  // Without requirements.txt or pyproject.toml at the root the action fails.
  return { cache: project.manager, ...(key.includes('/') && name !== 'actions/setup-java' ? { 'cache-dependency-path': key } : {}),
    ...(project.manager === 'pip' && !/(?:^|\/)requirements\.txt$/.test(key) ? { 'cache-dependency-path': key } : {}) };
}

/** pnpm is no part of the runners' images; yarn is. */
function managerFirst(step: CiStep, manager: Manager): boolean {
  if (manager === 'yarn') return true;
  const before = step.job.steps.slice(0, step.job.steps.indexOf(step));
  return before.some(s => (s.step.uses?.kind === 'repository' && /pnpm\/(?:action-)?setup$/i.test(`${s.step.uses.owner}/${s.step.uses.repo}`)) || /corepack enable/.test(s.step.run?.scalar.value ?? ''));
}

function withInput(document: SourceDocument, step: CiStep, inputs: Readonly<Record<string, string | boolean>>): SourceDocument | undefined {
  let current = document;
  for (const [name, value] of Object.entries(inputs)) {
    const steps = current.workflow?.jobs.find(j => j.id === step.job.job.id)?.steps ?? current.action?.steps ?? [];
    const found = steps[step.step.index];
    const edits = found?.uses?.text === step.step.uses!.text ? setStepInput(current, found, name, value) : undefined;
    if (!edits) return undefined;
    current = parseSource(current.path, applyEdits(current.text, edits), current);
    if (current.problems.length > 0) return undefined;
  }
  return current;
}
