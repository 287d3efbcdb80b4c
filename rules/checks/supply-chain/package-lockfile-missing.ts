import { defineQuery, defineRule } from '../../engine/rule';
import { ancestors, isSample, isVendored, type Repository } from '../../repository';
import { argvsOf } from '../shared/step-commands';
import { workflowFolder } from '../shared/lockfiles';
import { packageCommands, positionals, spanOf, worksOnOwnTree, type PackageCommand } from '../shared/package-commands';
import { workflowShell } from '../shared/workflow-facts';

interface Missing { readonly manifest: string; readonly lockfile: string; readonly command: string }
interface Kind {
  readonly verb: RegExp;
  readonly manifest: string;
  /** Any of these will do, in the folder or above it. */
  readonly lockfiles: readonly string[];
  readonly command: string;
  /** True for what is certainly run and not depended upon. */
  isApplication(manifest: string, at: (name: string) => string, repository: Repository): boolean;
}

const NODE_LOCKS = ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb', 'shrinkwrap.yaml', 'deno.lock'];
const node = (lockfile: string, command: string): Kind => ({
  verb: /^(?:|install|i|ci)$/, manifest: 'package.json', lockfiles: [lockfile, ...NODE_LOCKS], command,
  isApplication(text, at, repository) {
    const manifest = json(text);
    // A workspace's head is private too, and what it holds may all be published.
    if (manifest?.private !== true || manifest.workspaces !== undefined || repository.has(at('pnpm-workspace.yaml'))) return false;
    if (manifest.main !== undefined || manifest.exports !== undefined || manifest.files !== undefined || manifest.publishConfig !== undefined) return false;
    const deps = [manifest.dependencies, manifest.devDependencies].some(d => typeof d === 'object' && d !== null && Object.keys(d).length > 0);
    return deps && !/^\s*package-lock\s*=\s*false|^\s*lockfile\s*=\s*false/m.test(repository.read(at('.npmrc')) ?? '');
  },
});

const KINDS: Readonly<Record<string, Kind>> = {
  npm: node('package-lock.json', 'npm install --package-lock-only'),
  yarn: { ...node('yarn.lock', 'yarn install'), verb: /^(?:|install)$/ },
  pnpm: { ...node('pnpm-lock.yaml', 'pnpm install --lockfile-only'), verb: /^(?:install|i)$/ },
  bun: { ...node('bun.lock', 'bun install --lockfile-only'), verb: /^(?:install|i)$/ },
  composer: { verb: /^(?:install|i)$/, manifest: 'composer.json', lockfiles: ['composer.lock'], command: 'composer update --no-install',
    isApplication: text => json(text)?.type === 'project' },
  bundle: { verb: /^(?:|install)$/, manifest: 'Gemfile', lockfiles: ['Gemfile.lock'], command: 'bundle lock',
    // What Rails starts from is an application; a gem has its own file, here or in a folder of it.
    isApplication: (text, at, repository) => repository.has(at('config/application.rb')) && !/^\s*gemspec\b/m.test(text)
      && !repository.files.some(f => f.endsWith('.gemspec')) },
  pipenv: { verb: /^(?:install|sync)$/, manifest: 'Pipfile', lockfiles: ['Pipfile.lock'], command: 'pipenv lock',
    isApplication: (_, at, repository) => !['pyproject.toml', 'setup.py', 'setup.cfg'].some(f => repository.has(at(f))) },
};
const VALUED = new Set(['--prefix', '-C', '--cwd', '--dir', '--registry', '--omit', '--include', '--jobs', '-j', '--retry', '--path', '--without', '--with']);

function json(text: string): Record<string, unknown> | undefined {
  try {
    const data: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? data as Record<string, unknown> : undefined;
  } catch { return undefined; }
}

/** What is missing in a folder; `covered` where a lockfile is there; null where nothing can be said. */
const lockfileMissing = defineQuery('package-lockfile-missing.in', ({ repository }, program: string, folder: string): Missing | 'covered' | null => {
  const kind = KINDS[program];
  if (!repository || !kind || isSample(`${folder}/x`) || isVendored(`${folder}/x`)) return null;
  const at = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
  if (ancestors(folder).some(f => kind.lockfiles.some(l => repository.has(f === '' ? l : `${f}/${l}`)))) return 'covered';
  const text = repository.read(at(kind.manifest));
  // A member of a workspace is locked with its head.
  const member = folder !== '' && ancestors(folder).slice(1).some(f => repository.has(f === '' ? kind.manifest : `${f}/${kind.manifest}`));
  if (text === undefined || member || !kind.isApplication(text, at, repository)) return null;
  return { manifest: at(kind.manifest), lockfile: at(kind.lockfiles[0]!), command: kind.command };
});

export default defineRule({
  id: 'package-lockfile-missing',
  category: 'supply-chain',
  severity: 'medium',
  confidence: 'high',
  scope: 'repository',
  profile: 'recommended',
  level: 3,
  since: '0.1.0',
  fix: 'none',
  docs: {
    summary: 'Finds installs of an application that has no lockfile in the repository.',
    why: 'Each run takes what the registry offers at that moment: nobody knows what was built, and nobody has reviewed it.',
    references: [
      'https://docs.npmjs.com/cli/configuring-npm/package-lock-json',
      'https://baseline.openssf.org/',
      'https://slsa.dev/spec/draft/dependency-track',
    ],
    standards: ['SEC-3', 'SLSA Dep L1', 'OSPS-QA-02.01'],
  },
  messages: {
    missing: '{manifest} has no lockfile, so each run installs other versions than the one before. Commit {lockfile}: `{command}` writes it.',
  },
  aliases: {},
  create(context) {
    return {
      job(job) {
        if (!worksOnOwnTree(job)) return;
        const seen = new Set<string>();
        for (const step of job.steps) {
          if (!step.run) continue;
          for (const found of packageCommands(step.run, context.query(workflowShell), context.query(workflowFolder))) {
            const word = installWord(found);
            if (word === undefined || found.folder === undefined) continue;
            const answer = context.query(lockfileMissing, found.program, found.folder);
            if (answer === null || seen.has(found.folder)) continue;
            seen.add(found.folder);
            context.instance();
            // It may have been made by an earlier step.
            if (answer === 'covered' || job.steps.some(s => s.index < step.index && writes(argvsOf(s), answer))) continue;
            context.report({ at: spanOf(found, word ?? undefined), messageId: 'missing', data: { ...answer }, step, job });
          }
        }
      },
    };
  },
});

/** The word that says install; null where the program alone does. Undefined where something else is done. */
function installWord(found: PackageCommand): ReturnType<typeof positionals>[number] | null | undefined {
  const kind = KINDS[found.program];
  if (!kind || found.args.some(a => a === undefined || /^(?:-g|--global|--prefix|-C|--cwd|--dir|--help|--version|-v|--gemfile)(?:=|$)/.test(a))) return undefined;
  const plain = positionals(found, VALUED);
  if (plain.length > 1 || !kind.verb.test(plain[0]?.literal ?? '')) return undefined;
  if (plain.length === 0 && (found.program === 'npm' || found.args.length > 0)) return undefined;
  return plain[0] ?? null;
}

function writes(argvs: ReturnType<typeof argvsOf>, { manifest }: Missing): boolean {
  const name = manifest.split('/').at(-1)!;
  return argvs.some(a => a.some(w => w !== undefined && (w.includes(name) || /(?:^|\/)(?:package-lock\.json|yarn\.lock|pnpm-lock\.yaml|[\w.]+\.lockb?)$/.test(w))));
}
