import { defineRule, type Fix, type RuleContext } from '../../engine/rule';
import { isSample } from '../../repository';
import { addStepEnv } from '../../workflow/edits';
import { envWithin } from '../../workflow/effective';
import type { Job, Step } from '../../workflow/model';
import { getValue, scalarText } from '../../workflow/nodes';
import { mapsExactly, valueRangeSpan } from '../../workflow/scalar-map';
import { lockfileOf, workflowFolder, type LockFacts, type LockManager } from '../shared/lockfiles';
import { join, packageCommands, positionals, spanOf, worksOnOwnTree, type PackageCommand } from '../shared/package-commands';
import { argvsOf } from '../shared/step-commands';
import { workflowShell, workflowVariables } from '../shared/workflow-facts';

interface Manager {
  /** Subcommands that install a whole project; `''` stands for none. */
  readonly verbs: readonly string[];
  /** Options that name the project's folder. */
  readonly folder?: readonly string[];
  /** Arguments that say that the lockfile is kept to, or that it isn't on purpose. */
  readonly said: RegExp;
  /** Variables that say so. */
  readonly variables?: RegExp;
  /** The locked way, as it is shown, and what is put where. */
  readonly locked: string;
  readonly change: { readonly verb: string } | { readonly option: string } | { readonly variable: string };
}

const MANAGERS: Readonly<Partial<Record<string, Manager>>> = {
  npm: { verbs: ['install', 'i'], folder: ['--prefix', '-C'], locked: 'npm ci', change: { verb: 'ci' },
    said: /^(?:-g|--global|--location=global|--no-package-lock|--package-lock=false|--package-lock-only|--dry-run|--help)$/ },
  yarn: { verbs: ['', 'install'], folder: ['--cwd'], locked: 'yarn install --frozen-lockfile', change: { option: '--frozen-lockfile' },
    said: /^(?:--frozen-lockfile|--immutable(?:-cache)?|--pure-lockfile|--no-lockfile|--no-immutable|--mode(?:=.*)?|--version|-v|--help)$/ },
  bun: { verbs: ['install', 'i'], folder: ['--cwd'], locked: 'bun install --frozen-lockfile', change: { option: '--frozen-lockfile' },
    said: /^(?:--frozen-lockfile|--production|-p|--no-save|-g|--global|--dry-run|--lockfile-only|--help)$/ },
  bundle: { verbs: ['', 'install'], locked: 'BUNDLE_FROZEN', change: { variable: 'BUNDLE_FROZEN' },
    said: /^(?:--deployment|--frozen|--local|--gemfile(?:=.*)?|--version|--help)$/, variables: /^BUNDLE_(?:FROZEN|DEPLOYMENT|GEMFILE|LOCKFILE)$/ },
  pipenv: { verbs: ['install'], locked: 'pipenv install --deploy', change: { option: '--deploy' },
    said: /^(?:--deploy|--ignore-pipfile|--skip-lock|-r|--requirements|-e|--editable|--help)$/ },
  uv: { verbs: ['sync'], folder: ['--directory', '--project'], locked: 'uv sync --locked', change: { option: '--locked' },
    said: /^(?:--locked|--frozen|-U|--upgrade|-P|--upgrade-package|--resolution(?:=.*)?|--script|--dry-run|--help)$/, variables: /^UV_(?:LOCKED|FROZEN|RESOLUTION)$/ },
  dotnet: { verbs: ['restore'], locked: 'dotnet restore --locked-mode', change: { option: '--locked-mode' },
    said: /^(?:--locked-mode|--force-evaluate|-p:.*|\/p:.*|--property.*|--help)$/ },
};
const VALUED = new Set(['--registry', '--omit', '--include', '--loglevel', '--cache', '--cache-folder', '--network-timeout', '--mutex', '--jobs', '-j', '--retry',
  '--path', '--without', '--with', '--group', '--extra', '--python', '-p', '--only-group', '--no-group', '--package', '--configfile', '-r', '--runtime',
  '-v', '--verbosity', '--source', '-s', '--audit-level', '--install-strategy', '--prefix', '-C', '--cwd', '--directory', '--project']);

export default defineRule({
  id: 'install-unlocked',
  category: 'supply-chain',
  severity: 'medium',
  confidence: 'high',
  scope: 'job',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'safe',
  docs: {
    summary: 'Finds installs of a project’s dependencies that may go past its lockfile.',
    why: 'Where manifest and lockfile differ, the job takes what the registry offers that day: versions that nobody has reviewed, with their install scripts.',
    references: [
      'https://docs.npmjs.com/cli/commands/npm-ci',
      'https://classic.yarnpkg.com/lang/en/docs/cli/install/#toc-yarn-install-frozen-lockfile',
      'https://github.com/ossf/scorecard/blob/main/docs/checks.md#pinned-dependencies',
    ],
    standards: ['SEC-3', 'CIS 2.4.2', 'OSPS-BR-05.01'],
  },
  messages: {
    unlocked: '`{command}` goes past {lockfile} where the manifest asks for something else, and nobody has reviewed what comes then. Use {locked}.',
  },
  aliases: {},
  create(context) {
    return {
      job(job) {
        if (!worksOnOwnTree(job) || !job.steps.some(s => s.run) || changesManifests(job)) return;
        for (const step of job.steps) {
          if (!step.run) continue;
          const commands = packageCommands(step.run, context.query(workflowShell), context.query(workflowFolder));
          for (const found of commands) look(found, commands, step, job, context);
        }
      },
    };
  },
});

function look(found: PackageCommand, all: readonly PackageCommand[], step: Step, job: Job, context: RuleContext<'unlocked'>): void {
  const manager = MANAGERS[found.program];
  if (!manager || found.args.some(a => a === undefined)) return;
  const plain = positionals(found, VALUED), verb = plain[0]?.literal ?? '';
  if (found.program === 'npm' && (verb === 'ci' || verb === 'clean-install')) context.instance();
  if (plain.length > 1 || !manager.verbs.includes(verb)) return;
  // `npm ci || npm install`.
  if (all.some(c => c.program === found.program && c.args.includes('ci'))) return;
  const folder = folderOf(found, manager);
  if (folder === undefined || isSample(`${folder}/x`)) return;
  const lock = context.query(lockfileOf, found.program as LockManager, folder) ?? byCache(found.program, folder, step, job);
  if (!lock) return;
  context.instance();
  if (found.args.some(a => manager.said.test(a ?? ''))) return;
  const env = envWithin(step, job, context.query(workflowVariables));
  if (!env.complete || env.variables.some(v => manager.variables?.test(v.name))) return;
  if (found.program === 'bundle' && setUpFrozen(job)) return;
  context.report({
    at: spanOf(found, plain[0]), messageId: 'unlocked', step, job,
    data: {
      command: verb === '' ? found.program : `${found.program} ${verb}`, lockfile: lock.path,
      locked: 'variable' in manager.change ? `\`${manager.change.variable}: true\` with it` : `\`${manager.locked}\``,
    },
    fixes: fix(found, manager, verb, lock, job),
  });
}

/** Options of npm, yarn and uv that name another folder. */
function folderOf(found: PackageCommand, manager: Manager): string | undefined {
  let folder = found.folder;
  for (const [i, arg] of found.args.entries()) {
    const [name = '', ...value] = (arg ?? '').split('=');
    if (!manager.folder?.includes(name)) continue;
    const to = value.length > 0 ? value.join('=') : found.args[i + 1];
    folder = folder === undefined || to === undefined ? undefined : join(folder, to);
  }
  return folder;
}

/** Jobs that change what is installed, or that try without a lockfile, do so on purpose. */
function changesManifests(job: Job): boolean {
  for (const step of job.steps) {
    const name = `${step.uses?.owner ?? ''}/${step.uses?.repo ?? ''}`.toLowerCase();
    if (/^(?:peter-evans\/create-pull-request|stefanzweifel\/git-auto-commit-action|endbug\/add-and-commit|changesets\/action)$/.test(name)) return true;
    if (getValue(step.with?.value, 'commit-message') !== null) return true;
    for (const argv of argvsOf(step)) {
      const [program = '', verb = ''] = argv;
      if (/^(?:npm|pnpm|yarn)$/.test(program) && (argv.includes('fix') || argv.some(w => /^(?:update|upgrade|bump)\b/.test(w ?? '')))) return true;
      if (program === 'git' && /^(?:commit|push|add)$/.test(verb)) return true;
      if (/^(?:ncu|npm-check-updates|poetry|pdm)$/.test(program)) return true;
      if (/^(?:npm|yarn|pnpm|bun)$/.test(program) && /^(?:pkg|update|up|upgrade|set|add|remove|uninstall|un|rm|dedupe|version|config)$/.test(verb)) return true;
      if (/^(?:bundle|uv|pipenv)$/.test(program) && /^(?:config|update|lock|add|remove)$/.test(verb)) return true;
      if (argv.some(w => w !== undefined && /(?:^|[\s'"/\\])(?:package(?:-lock)?\.json|yarn\.lock|bun\.lockb?|Gemfile(?:\.lock)?|Pipfile(?:\.lock)?|uv\.lock|pyproject\.toml|packages\.lock\.json)(?![\w-])/.test(w))) return true;
    }
  }
  return false;
}

/** setup-node keeps a cache under the hash of a lockfile, and fails where there is none. */
function byCache(program: string, folder: string, step: Step, job: Job): LockFacts | undefined {
  if ((program !== 'npm' && program !== 'yarn') || folder !== '') return undefined;
  const setUp = job.steps.some(s => s.index < step.index && s.uses?.owner?.toLowerCase() === 'actions' && s.uses.repo?.toLowerCase() === 'setup-node'
    && scalarText(getValue(s.with?.value, 'cache')) === program && getValue(s.with?.value, 'cache-dependency-path') === null);
  // Yarn 2 and later keep to the lockfile by themselves, and without the checkout nothing tells which one it is.
  return setUp && program === 'npm' ? { path: 'package-lock.json', inStep: false, version: 0 } : undefined;
}

/** `bundler-cache` sets Bundler up to keep to the lockfile. */
function setUpFrozen(job: Job): boolean {
  return job.steps.some(s => s.uses?.repo?.toLowerCase() === 'setup-ruby' && /^true$/i.test(scalarText(getValue(s.with?.value, 'bundler-cache')) ?? ''));
}

function fix(found: PackageCommand, manager: Manager, verb: string, lock: LockFacts, job: Job): Fix[] {
  const { script, programWord } = found, { change } = manager;
  if ('variable' in change) {
    return [{ title: `Set ${change.variable}`, safety: 'unsafe', preferred: true,
      edits: ({ document }) => addStepEnv(document, script.step, change.variable, 'true') }];
  }
  if (!mapsExactly(script.scalar)) return [];
  const verbWord = positionals(found, VALUED)[0];
  const [start, end, newText] = 'verb' in change
    ? verbWord ? [verbWord.start, verbWord.end, change.verb] : [programWord.end, programWord.end, ` ${change.verb}`]
    : [(verbWord ?? programWord).end, (verbWord ?? programWord).end, ` ${change.option}`];
  return [{
    title: `Use ${manager.locked}`,
    // It fails where manifest and lockfile differ: safe where they are known not to.
    safety: 'verb' in change && lock.inStep && readable(lock, job) && verb !== '' && folderIsPlain(found) ? 'safe' : 'unsafe', preferred: true,
    edits: ({ document }) => (document.has(script.scalar)
      ? [{ ...document.range(valueRangeSpan(script.scalar, start, end)), newText }] : undefined),
  }];
}

/** npm 6 and older, which come with Node 14 and older, can't read the newest lockfiles. */
function readable(lock: LockFacts, job: Job): boolean {
  if (job.container || lock.version < 2) return false;
  return job.steps.filter(s => s.uses?.repo?.toLowerCase() === 'setup-node').every(s => {
    const version = scalarText(getValue(s.with?.value, 'node-version'));
    return version !== undefined && (/^lts\/\*$/.test(version) || Number(/^v?(\d+)/.exec(version)?.[1] ?? 0) >= 16);
  });
}

function folderIsPlain({ args }: PackageCommand): boolean {
  return args.every(a => a !== undefined && /^(?:install|i|--no-audit|--no-fund|--ignore-scripts|--prefer-offline|--silent|-s)$/.test(a));
}
