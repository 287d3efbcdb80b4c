import { definePractice, type Evidence, type Verdict } from '../practice';
import { basename, isSample, repoFacts, type Repository } from '../../repository';
import { scalarText } from '../../workflow/nodes';
import { stepKinds } from '../../checks/shared/job-kind';
import { ciJobs, whyNotGuarding } from '../shared/ci';
import { scriptName, toolCalls } from '../shared/commands';
import { at, buildTool, mainProjects, recipe, type Recipe } from '../shared/recipes';
import { jobScaffold, type JobPlan } from '../shared/scaffold';
import { evidenceOf, sightings, where, type Sighting } from '../shared/sightings';
import { checkoutStep, jobHead, runStep, shellText } from '../shared/snippets';
import { cut, distinct, ratio, unique } from '../shared/verdict';
import { SCRIPT_TEXTS } from './scripts';

const SCRIPT = '.github/scripts/build-budget.sh';
/** A job that may take longer has no budget: that is what keeps a hanging one from running for six hours. */
const MINUTES = 15;

const isOwn = (s: Sighting): boolean => s.args.some(a => a.endsWith('/build-budget.sh'));

/** Sizes: a tool for it, a budget in the build's own settings, or a command that measures and compares. */
function sizes(repo: Repository): { good: Evidence[]; bad: string[] } {
  const seen = sightings(repo, 'size').filter(s => !isOwn(s) || s.args.includes('--output'));
  const good = distinct(seen.filter(s => !s.problem)).map(s => evidenceOf(s, `${s.tool} limits the size of what is built`));
  for (const s of ciJobs(repo).flatMap(j => j.steps)) {
    if (!s.step.run || whyNotGuarding(s)) continue;
    const text = s.step.run.scalar.value;
    const measures = toolCalls(repo, s).some(c => /^(?:du|stat|wc|find|ls)$/.test(c.tool)
      && c.args.some(a => /^-\w*[bsc]|%s|-printf|-size/.test(a)));
    const compares = /-(?:gt|ge)\s|\s>\s?=?\s?\$?\w|\(\(.{0,200}[<>]/.test(text) && /exit\s+1|::error|false/.test(text);
    if (measures && compares && /size|bytes|\bMB\b|budget|limit/i.test(text)) good.push({ path: s.document.path,
      ...s.document.range(s.step.run.entry.key), text: 'a script compares the size with a limit' });
  }
  for (const f of repo.files) {
    if (isSample(f) || !/^(?:angular\.json|webpack(?:\.\w+)?\.config\.[cm]?[jt]s)$/.test(basename(f))) continue;
    const m = /"maximumError"|hints["']?\s?:\s?["']error["']/.exec(repo.read(f)?.slice(0, 200_000) ?? '');
    if (m && builds(repo).length > 0) good.push({ path: f, start: m.index, end: m.index + m[0].length,
      text: `${basename(f)} fails builds that are too large` });
  }
  return { good, bad: unique(seen.filter(s => s.problem).map(s => `${where(s)} doesn't count: ${s.problem!}`)) };
}

const builds = (repo: Repository) => ciJobs(repo).flatMap(j => j.steps).filter(s => stepKinds(s.step).has('build') && !whyNotGuarding(s));

function times(repo: Repository): Evidence[] {
  const found: Evidence[] = [];
  for (const s of builds(repo)) {
    const own = s.step.timeoutMinutes, job = s.job.job.timeoutMinutes, place = s.step.run?.entry.key ?? s.step.uses?.scalar;
    const minutes = Number(scalarText((own ?? job)?.value) ?? NaN);
    const limited = own !== undefined ? minutes <= 60 : minutes <= MINUTES;
    if (place && (limited || /(?:^|\s)timeout\s+(?:-\S+\s+)*\d+/.test(s.step.run?.scalar.value ?? ''))) found.push({ path: s.document.path,
      ...s.document.range(own?.key ?? place), text: 'the build has a time limit' });
  }
  for (const s of sightings(repo,
    'size')) if (!s.problem && s.args.includes('--seconds')) found.push(evidenceOf(s, `${s.tool} limits the time of the build`));
  return found;
}

function evidence(repo: Repository): Verdict {
  const size = sizes(repo), time = times(repo);
  return ratio(Number(size.good.length > 0) + Number(time.length > 0), 2, [...size.good.slice(0, 6), ...time.slice(0, 6)], [
    ...(size.good.length > 0 ? []
      : ['a limit to the size of what is built that can fail (size-limit, bundlesize, budgets of Angular, a comparison in a script)',
      ...cut(size.bad)]),
    ...(time.length > 0 ? []
      : [`a limit to the time of the build: timeout-minutes on its step, or at most ${MINUTES} minutes for its job`]),
  ]);
}

interface Build { readonly recipe: Recipe; readonly command: string; readonly outputs: readonly string[] }

/** How the first project is built, and what comes out. */
function build(repo: Repository): Build | undefined {
  for (const p of mainProjects(repo)) {
    const r = recipe(p, repo);
    if (!r) continue;
    const made = (command: string, ...outputs: string[]): Build => ({ recipe: r, command, outputs });
    switch (p.manager) {
      case 'npm': case 'pnpm': case 'yarn': {
        const script = repoFacts(repo).stack.packages.get(p.dir)?.scripts.build;
        if (script === undefined) continue;
        const out = /\bnext build/.test(script) ? '.next' : /\breact-scripts build/.test(script) ? 'build'
          : /\bnuxt build/.test(script) ? '.output' : 'dist';
        return made(`${p.manager} run build`, out);
      }
      case 'cargo': {
        const name = /^\[package\][^[]{0,2000}?^name\s{0,4}=\s{0,4}"([\w-]+)"/m.exec(repo.read(p.manifest) ?? '')?.[1];
        if (name === undefined) continue;
        const locked = p.lockfile ? ' --locked' : '';
        return repo.has(at(p, 'src/main.rs')) ? made(`cargo build --release${locked}`, `target/release/${name}`)
          : made(`cargo package${locked}`, 'target/package');
      }
      case 'go': return made('go build -o bin/ ./...', 'bin');
      case 'maven': return made(`${buildTool(p, repo)} --batch-mode package -DskipTests`, 'target');
      case 'gradle': return made(`${buildTool(p, repo)} assemble`, 'build');
      case 'dotnet': return made('dotnet publish --configuration Release --output out', 'out');
      default: continue;
    }
  }
  return undefined;
}

/** A manifest can't be read, and CI calls the script that builds by its name. */
function runsBuild(repo: Repository): boolean {
  return mainProjects(repo).some(p => basename(p.manifest) === 'package.json' && repo.read(p.manifest) === undefined)
    && builds(repo).some(s => toolCalls(repo, s).some(c => scriptName(c.tool, c.args) === 'build'));
}

export default definePractice({
  id: 'build-budget',
  title: 'Build budget',
  category: 'Quality',
  level: 5,
  severity: 'low',
  since: '0.1.0',
  docs: {
    summary: 'Builds that take too long or make too much fail.',
    why: 'Nobody decides to ship twice as much: it comes a dependency at a time.',
    references: [
      'https://github.com/ai/size-limit',
      'https://angular.dev/tools/cli/build#configuring-size-budgets',
      'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepstimeout-minutes',
    ],
  },
  applies: repo => build(repo) !== undefined || runsBuild(repo),
  evidence,
  scaffold: jobScaffold({
    title: 'Add a build-budget job',
    there: repo => evidence(repo).result === 1 ? 'Builds are held to a time and a size already.' : undefined,
    plan(repo): JobPlan | { readonly refused: string } {
      const b = build(repo);
      if (!b) return { refused: 'No manifest was found here that says how something is built.' };
      const { project: p } = b.recipe, out = b.outputs.map(o => ` --output ${shellText(o)}`).join('');
      const script = '../'.repeat(p.dir === '' ? 0 : p.dir.split('/').length) + SCRIPT;
      return {
        jobs: [{ id: 'build-budget', yaml: [...jobHead('Build budget', 15), 'steps:', ...checkoutStep(), ...b.recipe.setup,
          ...runStep('Build within the budget', [`bash ${script} --seconds 300 --megabytes 100${out} -- ${b.command}`], p.dir)] }],
        files: [{ path: SCRIPT, text: SCRIPT_TEXTS['build-budget.sh'] }],
        explanation: `Adds a job that runs ${b.command} and fails when it takes more than 300 seconds or ${b.outputs.join(' and ')} hold more than 100 MB.`,
        todo: [`Check that the build writes to ${at(p, b.outputs[0]!)}, and set both numbers a little above today's.`, ...b.recipe.todo],
      };
    },
  }),
});
